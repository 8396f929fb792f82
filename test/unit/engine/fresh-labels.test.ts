import { expect, test } from 'vitest';
import { FreshLabels } from '../../../main/engine/fresh-labels.ts';

test('labels are given once, to whoever names their hash', () => {
  const labels = new Uint8Array(new SharedArrayBuffer(3));
  const fresh = new FreshLabels();
  expect(fresh.take('a')).toBeNull();
  fresh.keep('a', labels);
  expect(fresh.take('b')).toBeNull();
  expect(fresh.take('a')).toBeNull();
  fresh.keep('a', labels);
  expect(fresh.take('a')).toBe(labels);
  expect(fresh.take('a')).toBeNull();
  fresh.keep('a', labels);
  expect(fresh.take(undefined)).toBeNull();
});
