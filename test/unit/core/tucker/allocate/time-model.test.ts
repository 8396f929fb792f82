import { describe, expect, it } from 'vitest';
import { makeNode } from '../../../../../main/core/onnx/build-graph.ts';
import { inferShapes } from '../../../../../main/core/onnx/infer-shapes.ts';
import { measureCost } from '../../../../../main/core/onnx/measure-cost.ts';
import type { Operation } from '../../../../../main/core/tucker/allocate/operations.ts';
import { operationMacs } from '../../../../../main/core/tucker/allocate/operations.ts';
import { planProbes } from '../../../../../main/core/tucker/allocate/plan-probes.ts';
import {
  fitTimeModel,
  operationMilliseconds,
  timeCosts,
  type TimedOperation,
} from '../../../../../main/core/tucker/allocate/time-model.ts';
import { findLayers } from '../../../../../main/core/tucker/find-layers.ts';
import { createRandom } from '../../../../fixtures/random.ts';
import { network, randomTensor } from '../layer-networks.ts';

const random = createRandom(3);
const whole = (least: number, most: number) => Math.floor(least + random() * (most - least));

function randomConvolution(): Operation {
  const voxels = whole(500, 300_000);
  const channels = { in: whole(1, 320), out: whole(1, 320) };
  return { kind: 'Conv', channels, taps: 27, positions: { in: voxels, out: voxels } };
}

/** A machine of 50 GMAC/s that copies 4 G and moves 1 G values a second, and takes 0.05 ms to start. */
function ideal(operation: Operation): number {
  const { channels, taps, positions } = operation;
  const copied = positions.out * channels.in * taps;
  const moved = positions.in * channels.in + positions.out * channels.out;
  return operationMacs(operation) / 50e6 + copied / 4e6 + moved / 1e6 + 0.05;
}

describe('a model of time', () => {
  const timed = Array.from({ length: 40 }, (): TimedOperation => {
    const operation = randomConvolution();
    return { operation, milliseconds: ideal(operation) };
  });

  it('finds the machine behind the times, also for operations that were not timed', () => {
    const model = fitTimeModel(timed);
    expect(model.error.largest).toBeLessThan(1e-3);
    for (let i = 0; i < 20; i++) {
      const operation = randomConvolution();
      expect(operationMilliseconds(model, operation)! / ideal(operation)).toBeCloseTo(1, 2);
    }
  });

  it('has no negative part, says how well it fits, and does not depend on the order', () => {
    const noisy = timed.map(({ operation, milliseconds }, i) => ({
      operation,
      milliseconds: milliseconds * (i % 2 ? 1.3 : 0.8),
    }));
    const model = fitTimeModel(noisy);
    for (const coefficient of model.kinds.get('Conv')!) expect(coefficient).toBeGreaterThanOrEqual(0);
    expect(model.error.median).toBeGreaterThan(0.1);
    expect(model.error.largest).toBeLessThan(0.6);
    const [operation] = timed.map((each) => each.operation);
    const reversed = fitTimeModel(noisy.toReversed());
    expect(operationMilliseconds(reversed, operation)).toBeCloseTo(
      operationMilliseconds(model, operation)!,
      9,
    );
  });

  it('knows nothing of what was never timed', () => {
    const model = fitTimeModel(timed);
    expect(operationMilliseconds(model, { ...timed[0].operation, kind: 'point' })).toBeNull();
    expect(fitTimeModel([]).kinds.size).toBe(0);
    const [layer] = findLayers(conv, inputShapes);
    if ('reason' in layer) throw new Error(layer.reason);
    const costs = timeCosts(model);
    expect(costs(layer, null)).toBeGreaterThan(0);
    // The reduction is a kind of its own.
    expect(costs(layer, { in: 2, out: 2 })).toBeNull();
  });
});

const pads = [1, 1, 1, 1, 1, 1];
const conv = network(
  [
    makeNode('Conv', ['x', 'w1'], ['c'], { pads }),
    makeNode('Conv', ['c', 'w2', 'b'], ['d'], { pads, strides: [2, 2, 1] }),
    makeNode('ConvTranspose', ['d', 'w3'], ['e'], { kernel_shape: [2, 2, 1], strides: [2, 2, 1] }),
    makeNode('Conv', ['e', 'w4'], ['y']),
  ],
  [
    randomTensor('w1', [16, 8, 3, 3, 3], 1),
    randomTensor('w2', [24, 16, 3, 3, 3], 2),
    randomTensor('b', [24], 6),
    randomTensor('w3', [24, 16, 2, 2, 1], 3),
    randomTensor('w4', [5, 16, 1, 1, 1], 4),
  ],
  8,
);
const inputShapes = { x: [1, 8, 10, 8, 6] };

describe('probes', () => {
  const probes = planProbes(conv, inputShapes);

  it('are networks of the shapes and operations that they say', () => {
    for (const { operation, model, inputShape, outputShape } of probes) {
      const [node] = model.graph.nodes;
      expect(inferShapes(model, { x: inputShape }).get('y')).toEqual(outputShape);
      expect(measureCost(model, { x: inputShape }).macs).toBe(operationMacs(operation));
      expect(inputShape[1]).toBe(operation.channels.in);
      expect(node.opType).toBe(operation.kind === 'point' ? 'Conv' : operation.kind);
    }
    const strided = probes.find(({ operation: { positions } }) => positions.in === 4 * positions.out);
    expect(strided?.inputShape.slice(2)).toEqual([10, 8, 6]);
    expect(strided?.outputShape.slice(2)).toEqual([5, 4, 6]);
  });

  it('cover every kind, from the cheapest to the dearest, as many as asked for', () => {
    const kinds = (each: typeof probes) => each.map(({ operation }) => operation.kind);
    expect(new Set(kinds(probes))).toEqual(new Set(['Conv', 'ConvTranspose', 'point']));
    const few = planProbes(conv, inputShapes, 2);
    for (const kind of ['Conv', 'ConvTranspose', 'point'] as const) {
      const macs = (each: typeof probes) =>
        each
          .filter(({ operation }) => operation.kind === kind)
          .map(({ operation }) => operationMacs(operation));
      expect(macs(few)).toEqual([Math.min(...macs(probes)), Math.max(...macs(probes))]);
    }
  });

  it('treat matrices as such', () => {
    const matrices = network([makeNode('MatMul', ['x', 'w'], ['y'])], [randomTensor('w', [8, 6], 1)], 5, 1);
    const all = planProbes(matrices, { x: [1, 5, 8] });
    expect(new Set(all.map(({ operation }) => operation.kind))).toEqual(new Set(['matrix']));
    for (const { model, inputShape, operation } of all)
      expect(measureCost(model, { x: inputShape }).macs).toBe(operationMacs(operation));
  });
});
