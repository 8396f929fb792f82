import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../../main/contract/app-error.ts';
import type { Device } from '../../../main/contract/engine-protocol.ts';
import { makeNode } from '../../../main/core/onnx/build-graph.ts';
import { planProbes } from '../../../main/core/tucker/allocate/plan-probes.ts';
import { timeCosts } from '../../../main/core/tucker/allocate/time-model.ts';
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
const probes = planProbes(model, inputShapes, 3);

describe('measuring layers', () => {
  it('gives the time of every layer at any ranks', async () => {
    const told: number[][] = [];
    const times = await measureLayers(probes, {
      device,
      threads: 1,
      signal: new AbortController().signal,
      onProgress: (done, total) => told.push([done, total]),
    });
    const runs = 6 * probes.length;
    expect(told).toEqual(Array.from({ length: runs }, (_, i) => [i + 1, runs]));
    expect([...times.kinds.keys()].sort()).toEqual(['Conv', 'ConvTranspose', 'point']);
    const costs = timeCosts(times);
    for (const layer of findLayers(model, inputShapes)) {
      if ('reason' in layer) throw new Error(layer.reason);
      for (const ranks of [null, { in: 1, out: 1 }, { in: 8, out: 8 }])
        expect(costs(layer, ranks)).toBeGreaterThan(0);
    }
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
