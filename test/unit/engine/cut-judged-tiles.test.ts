import { expect, test } from 'vitest';
import { cutJudgedTiles } from '../../../main/engine/learn/cut-judged-tiles.ts';
import type { LabelledImage } from '../../../main/engine/learn/train-images.ts';

/** 64 tiles of 8³, no voxel of which is labelled but those at `places`. */
function imageWith(places: readonly (readonly [index: number, label: number])[]): LabelledImage {
  const labels = new Uint8Array(32 ** 3);
  for (const [index, label] of places) labels[index] = label;
  return { name: 'i', data: new Float32Array(32 ** 3), labels, shape: [32, 32, 32] };
}

test('a label of one voxel among many tiles is judged by', () => {
  const at = (z: number, y: number, x: number) => (z * 32 + y) * 32 + x;
  for (const place of [at(0, 0, 0), at(31, 31, 31), at(9, 20, 15)]) {
    const tiles = cutJudgedTiles([imageWith([]), imageWith([[place, 3]])], [8, 8, 8]).flat();
    expect(tiles).toHaveLength(12);
    const found = tiles.map(({ codes }) => codes.filter((code) => code === 3).length);
    expect(found.filter((count) => count > 0)).toEqual([1]);
  }
});

test('few tiles are all judged by, together for each image', () => {
  const small: LabelledImage = {
    name: 's',
    data: new Float32Array(8 ** 3),
    labels: new Uint8Array(8 ** 3),
    shape: [8, 8, 8],
  };
  const groups = cutJudgedTiles([imageWith([]), small], [16, 16, 16]);
  expect(groups.map((tiles) => tiles.length)).toEqual([8, 1]);
});
