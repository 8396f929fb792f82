import { afterAll, expect, it } from 'vitest';
import type { VolumeSource } from '../../main/contract/engine-protocol.ts';
import { manifestModel, readManifest } from '../../main/core/model/manifest.ts';
import { makeFloatTensor, makeModel, makeNode, makeValueInfo } from '../../main/core/onnx/build-graph.ts';
import { writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import { ranksByFactor } from '../../main/core/tucker/choose-ranks.ts';
import { compressAwareNetworks } from '../../main/engine/compress-aware.ts';
import { createPool } from '../../main/engine/pool.ts';
import { createRandom } from '../fixtures/random.ts';
import { difference, runOnnx } from '../fixtures/run-onnx.ts';
import { noiseImage, smallManifest } from '../fixtures/small-model.ts';

const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

const random = createRandom(3);
const noise = (length: number) => Float32Array.from({ length }, () => random() - 0.5);

/** Two convolutions of a window and a head, 1 channel to 3 classes. */
function network(): Uint8Array {
  const same = { kernel_shape: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1] };
  const weight = (name: string, dims: readonly number[]) =>
    makeFloatTensor(name, dims, noise(dims.reduce((a, b) => a * b, 1)));
  return writeOnnx(
    makeModel({
      name: 'small',
      nodes: [
        makeNode('Conv', ['image', 'w1'], ['c1'], same),
        makeNode('Relu', ['c1'], ['a1']),
        makeNode('Conv', ['a1', 'w2', 'b2'], ['c2'], same),
        makeNode('Relu', ['c2'], ['a2']),
        makeNode('Conv', ['a2', 'w3'], ['logits'], { kernel_shape: [1, 1, 1] }),
      ],
      initializers: [
        weight('w1', [8, 1, 3, 3, 3]),
        weight('w2', [8, 8, 3, 3, 3]),
        weight('b2', [8]),
        weight('w3', [3, 8, 1, 1, 1]),
      ],
      inputs: [makeValueInfo('image', [1, 1, 'd', 'h', 'w'])],
      outputs: [makeValueInfo('logits', [1, 3, 'd', 'h', 'w'])],
    }),
  );
}

const image = (): VolumeSource => ({ kind: 'nifti', path: noiseImage(random) });

const model = manifestModel(readManifest(smallManifest));

const recipes = [{ ranks: ranksByFactor(0.5, 2) }, { ranks: ranksByFactor(1) }];

it('fits variants to an image, the same ones every time', async () => {
  const original = network();
  const parts: number[] = [];
  const request = { networks: [original, original], model, volumes: [[image()]], recipes, threads: 1 };
  const folds = await compressAwareNetworks(request, {
    pool,
    onProgress: (done, total) => parts.push(done / total),
  });
  expect(parts.at(-1)).toBe(1);
  expect(parts).toEqual(parts.toSorted((a, b) => a - b));
  const [first, second] = folds.map((variants) => variants.map((variant) => writeOnnx(variant.model)));
  expect(first.map((bytes) => Buffer.from(bytes))).toEqual(second.map((bytes) => Buffer.from(bytes)));
  expect(folds[0][0].layers[1].ranks).toEqual({ in: 4, out: 4 });
  // At full ranks it is the network itself, in float32.
  const input = noise(1000);
  const shape = [1, 1, 10, 10, 10];
  const apart = difference(await runOnnx(first[1], input, shape), await runOnnx(original, input, shape));
  expect(apart.maxAbs).toBeLessThan(1e-4);
});

it('stops when it is told to', async () => {
  const abort = new AbortController();
  const request = { networks: [network()], model, volumes: [[image()]], recipes, threads: 1 };
  const running = compressAwareNetworks(request, {
    pool,
    signal: abort.signal,
    onProgress: (done) => {
      if (done > 300) abort.abort();
    },
  });
  await expect(running).rejects.toMatchObject({ error: { code: 'cancelled' } });
});
