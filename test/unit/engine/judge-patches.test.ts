import { expect, test } from 'vitest';
import { judgePatches, type JudgedPatch } from '../../../main/engine/learn/judge-patches.ts';

/** Logits of two classes that say of each voxel whether it is above 0. */
const predict = (image: Float32Array) =>
  Promise.resolve(Float32Array.from([...image.map((value) => -value), ...image]));

const patchOf = (image: number[], codes: number[]): JudgedPatch => ({
  image: Float32Array.from(image),
  codes: Uint8Array.from(codes),
  inside: null,
});

test('a small image counts as much as a large one', async () => {
  const right = patchOf([1, -1], [1, 0]);
  const wrong = patchOf([-1, -1], [1, 0]);
  const judge = (groups: JudgedPatch[][]) =>
    judgePatches(groups, { kind: 'argmax', values: [0, 1] }, predict)(new Map());
  expect(await judge([[right, right, right], [wrong]])).toBe(0.5);
  expect(await judge([[right, right, right, wrong]])).toBeCloseTo(6 / 7, 12);
});

test('only what lies in the image counts', async () => {
  const beyond: JudgedPatch = { ...patchOf([1, 1], [1]), inside: Uint32Array.of(0) };
  const judge = judgePatches([[beyond]], { kind: 'argmax', values: [0, 1] }, predict);
  expect(await judge(new Map())).toBe(1);
});
