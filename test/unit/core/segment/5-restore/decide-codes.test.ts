import { expect, test } from 'vitest';
import { codeCount, decideCodes } from '../../../../../main/core/segment/5-restore/decide-voxels.ts';

test('a voxel has the class whose logit is largest, the lower of equals', () => {
  const logits = Float32Array.from([1, 0, 5, -1, 2, 0, 5, -2, 0, 3, 4, -3]);
  const decision = { kind: 'argmax', values: [0, 4, 9] } as const;
  expect([...decideCodes(logits, decision)]).toEqual([1, 2, 0, 0]);
  expect(codeCount(decision)).toBe(3);
});

test('a voxel is painted by the last region whose sigmoid is above a half, by none of them without one', () => {
  const logits = Float32Array.from([3, -1, 9, -1, 0.5, -2, -1, -1, 0.1, 4, -8, 0]);
  const decision = { kind: 'regions', values: [1, 2, 3] } as const;
  expect([...decideCodes(logits, decision)]).toEqual([3, 3, 1, 0]);
  expect(codeCount(decision)).toBe(4);
});
