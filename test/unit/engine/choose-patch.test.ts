import { totalmem } from 'node:os';
import { expect, test } from 'vitest';
import type { SegmentationModel } from '../../../main/core/model/segmentation-model.ts';
import { choosePatch, machineMemory } from '../../../main/engine/learn/choose-patch.ts';
import type { Learning } from '../../../main/engine/learn/learner.ts';

const model = (kind: 'margin' | 'gaussian', patch = [128, 128, 70]): SegmentationModel =>
  ({ tiling: { kind }, patch }) as unknown as SegmentationModel;

/** A step that takes so many parts of the machine's memory a voxel of the first axis. */
const planAt =
  (partAVoxel: number) =>
  ([d0]: readonly number[]): Learning =>
    ({ peakBytes: d0! * partAVoxel * machineMemory() }) as unknown as Learning;

test('the memory of the machine is no more than it has', () => {
  expect(machineMemory()).toBeGreaterThan(0);
  expect(machineMemory()).toBeLessThanOrEqual(totalmem());
});

test('a network of any size learns on the largest patch that takes a fifth of the memory', () => {
  expect(choosePatch(model('margin'), planAt(0.1 / 96)).patch).toEqual([96, 96, 70]);
  expect(choosePatch(model('margin'), planAt(0.2 / 81)).patch).toEqual([80, 80, 70]);
});

test('where none does, it is the smallest, and the memory is asked for before the first step', () => {
  expect(choosePatch(model('margin'), planAt(1)).patch).toEqual([64, 64, 64]);
});

test('a network with a patch of its own learns on that', () => {
  expect(choosePatch(model('gaussian'), planAt(1)).patch).toEqual([128, 128, 70]);
});
