import { describe, expect, test } from 'vitest';
import { nextFactor } from '../../../main/window/zoom-keys.ts';

describe('nextFactor', () => {
  test('goes from 100 to 200 % and back in steps, and no further', () => {
    const up = [1];
    while (up.length < 8) up.push(nextFactor(up.at(-1)!, '+')!);
    expect(up).toEqual([1, 1.1, 1.25, 1.5, 1.75, 2, 2, 2]);
    const down = [2];
    while (down.length < 8) down.push(nextFactor(down.at(-1)!, '-')!);
    expect(down).toEqual([2, 1.75, 1.5, 1.25, 1.1, 1, 1, 1]);
  });

  test('goes on from a factor that is none of its own', () => {
    expect(nextFactor(1.2, '=')).toBe(1.25);
    expect(nextFactor(1.2, '-')).toBe(1.1);
    expect(nextFactor(1.0999999, '+')).toBe(1.25);
    expect(nextFactor(1.5, '0')).toBe(1);
    expect(nextFactor(1.5, 'z')).toBe(null);
  });
});
