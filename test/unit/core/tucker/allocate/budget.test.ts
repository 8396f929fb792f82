import { describe, expect, it } from 'vitest';
import { BudgetError, parseBudget } from '../../../../../main/core/tucker/allocate/budget.ts';

describe('a budget', () => {
  it.each([
    ['40%', { kind: 'share', share: 0.4 }],
    ['100 %', { kind: 'share', share: 1 }],
    ['65GMAC', { kind: 'macs', macs: 65e9 }],
    [' 1.5 tmacs ', { kind: 'macs', macs: 1.5e12 }],
    ['800ms', { kind: 'time', milliseconds: 800 }],
    ['1.2s', { kind: 'time', milliseconds: 1200 }],
    ['.5 S', { kind: 'time', milliseconds: 500 }],
    ['2GB', { kind: 'memory', bytes: 2e9 }],
    ['512MiB', { kind: 'memory', bytes: 512 * 2 ** 20 }],
  ])('%j is read', (text, budget) => {
    expect(parseBudget(text)).toEqual(budget);
  });

  it.each([
    ['', /takes a number with a unit, such as 40%/],
    ['40', /takes a number with a unit/],
    ['GMAC', /takes a number with a unit/],
    ['-3GMAC', /takes a number with a unit/],
    ['1e3ms', /takes a number with a unit/],
    ['0%', /allows nothing/],
    ['0.0ms', /allows nothing/],
    ['120%', /more than the full network/],
    ['5 apples', /"apples" in the budget "5 apples" is no unit/],
    ['5macss', /no unit/],
    ['1toString', /no unit/],
    ['9constructor', /no unit/],
  ])('%j is refused', (text, words) => {
    expect(() => parseBudget(text)).toThrow(BudgetError);
    expect(() => parseBudget(text)).toThrow(words);
  });
});
