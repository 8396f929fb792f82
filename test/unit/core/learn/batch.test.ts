import { expect, test } from 'vitest';
import { makeNode } from '../../../../main/core/onnx/build-graph.ts';
import { gradientError, type GradientCase } from '../../../fixtures/check-gradient.ts';

const node = (
  opType: string,
  inputs: readonly string[],
  attributes: Parameters<typeof makeNode>[3] = {},
): GradientCase['nodes'] => [makeNode(opType, inputs, ['y'], attributes)];

const cube = { kernel_shape: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1] };

/** What a training step of a U-Net is made of, with two patches and more in a batch: one run that differs for each of them. */
const cases: Readonly<Record<string, GradientCase & { readonly step?: number; readonly within?: number }>> = {
  'Conv, more outputs than inputs': {
    nodes: node('Conv', ['x', 'w', 'b'], cube),
    by: { x: [2, 3, 5, 6, 4], w: [4, 3, 3, 3, 3], b: [4] },
  },
  'Conv, fewer outputs than inputs': {
    nodes: node('Conv', ['x', 'w', 'b'], cube),
    by: { x: [3, 5, 4, 6, 4], w: [2, 5, 3, 3, 3], b: [2] },
  },
  'Conv of one channel': {
    nodes: node('Conv', ['x', 'w', 'b'], cube),
    by: { x: [2, 1, 6, 6, 6], w: [4, 1, 3, 3, 3], b: [4] },
  },
  'Conv with a stride': {
    nodes: node('Conv', ['x', 'w', 'b'], { ...cube, strides: [2, 2, 2] }),
    by: { x: [2, 3, 6, 8, 6], w: [4, 3, 3, 3, 3], b: [4] },
  },
  'Conv 1×1×1': {
    nodes: node('Conv', ['x', 'w', 'b'], { kernel_shape: [1, 1, 1] }),
    by: { x: [2, 4, 3, 4, 5], w: [3, 4, 1, 1, 1], b: [3] },
  },
  'ConvTranspose, kernel = stride': {
    nodes: node('ConvTranspose', ['x', 'w', 'b'], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
    by: { x: [2, 4, 3, 2, 3], w: [4, 3, 2, 2, 2], b: [3] },
  },
  Concat: {
    nodes: node('Concat', ['x', 'z'], { axis: 1 }),
    by: { x: [2, 3, 2, 3, 2], z: [2, 2, 2, 3, 2] },
  },
  InstanceNormalization: {
    nodes: node('InstanceNormalization', ['x', 's', 'b']),
    by: { x: [2, 3, 4, 4, 4], s: [3], b: [3] },
    step: 1 / 32,
    within: 1e-3,
  },
  AveragePool: {
    nodes: node('AveragePool', ['x'], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
    by: { x: [2, 3, 4, 4, 6] },
  },
};

test.each(Object.entries(cases))('the gradient of %s is right for a batch', async (_, each) => {
  expect(await gradientError(each, each.step)).toBeLessThan(each.within ?? 1e-4);
});
