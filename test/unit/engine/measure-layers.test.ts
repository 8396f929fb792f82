import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../../main/contract/app-error.ts';
import type { Device } from '../../../main/contract/engine-protocol.ts';
import { makeNode } from '../../../main/core/onnx/build-graph.ts';
import { planProbes } from '../../../main/core/tucker/allocate/plan-probes.ts';
import { timedCosts } from '../../../main/core/tucker/allocate/cost-model.ts';
import { findLayers } from '../../../main/core/tucker/find-layers.ts';
import { measureLayers } from '../../../main/engine/measure-layers.ts';
import { network, randomTensor } from '../core/tucker/layer-networks.ts';

const device: Device = { provider: 'cpu', deviceId: 0, name: 'CPU' };
const pads = [1, 1, 1, 1, 1, 1];
const model = network(
  [
    makeNode('Conv', ['x', 'w1'], ['c'], { pads, strides: [2, 2, 2] }),
    makeNode('ConvTranspose', ['c', 'w2'], ['y'], { strides: [2, 2, 2] }),
  ],
  [randomTensor('w1', [16, 16, 3, 3, 3], 1), randomTensor('w2', [16, 8, 2, 2, 2], 2)],
  16,
);
const inputShapes = { x: [1, 16, 12, 12, 12] };
const layers = findLayers(model, inputShapes).flatMap((layer) => ('reason' in layer ? [] : [layer]));
const ranksTimed = [null, { in: 1, out: 1 }, { in: 8, out: 8 }];
const wanted = layers.flatMap((layer) => ranksTimed.map((ranks) => ({ layer, ranks })));
const probes = planProbes(model, inputShapes, wanted);

describe('measuring layers', () => {
  it('gives the time of the layers at the ranks asked for', async () => {
    const told: number[][] = [];
    const times = await measureLayers(probes, {
      device,
      threads: 1,
      signal: new AbortController().signal,
      onProgress: (done, total) => told.push([done, total]),
    });
    const runs = 2 * probes.length;
    expect(told).toEqual(Array.from({ length: runs }, (_, i) => [i + 1, runs]));
    const costs = timedCosts(times);
    for (const { layer, ranks } of wanted) expect(costs(layer, ranks)).toBeGreaterThan(0);
    expect(costs(layers[0], { in: 2, out: 3 })).toBeNull();
  });

  it('stops when it is cancelled', async () => {
    const abort = new AbortController();
    const measured = measureLayers(probes, {
      device,
      threads: 1,
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(measured).rejects.toThrow(AppFailure);
    await expect(measured).rejects.toMatchObject({ error: { code: 'cancelled' } });
  });
});
