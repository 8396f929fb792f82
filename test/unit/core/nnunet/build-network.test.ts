import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModelFormatError } from '../../../../main/core/model/model-format-error.ts';
import type { Architecture } from '../../../../main/core/nnunet/architecture.ts';
import { planNetwork } from '../../../../main/core/nnunet/build-network.ts';
import { fillWeights } from '../../../../main/core/nnunet/fill-weights.ts';
import { buildFold, describeNnunet } from '../../../../main/core/nnunet/read-nnunet.ts';
import { readCheckpoint } from '../../../../main/core/nnunet/torch-checkpoint.ts';
import { readOnnx, writeOnnx } from '../../../../main/core/onnx/onnx-file.ts';
import { makeCheckpoint, tinyNetwork } from '../../../fixtures/make-checkpoint.ts';
import { readNpy } from '../../../fixtures/read-npy.ts';
import { difference, runOnnx } from '../../../fixtures/run-onnx.ts';
import { zipSource } from '../../../fixtures/zip-source.ts';
import { describeShared, sharedData } from '../../../shared-data.ts';

const checkpointOf = (weights: { name: string; shape: readonly number[] }[]) =>
  readCheckpoint(zipSource(makeCheckpoint({ weights })));

describe('filling in weights', () => {
  const plan = tinyNetwork();
  const weights = [...plan.weights];

  it('makes a network that onnxruntime runs at any tile size', async () => {
    const network = writeOnnx(await fillWeights(plan, await checkpointOf(weights)));
    for (const [d, h, w] of [
      [16, 16, 16],
      [8, 12, 4],
    ] as const) {
      const input = Float32Array.from({ length: d * h * w }, (_, i) => Math.sin(i));
      const logits = await runOnnx(network, input, [1, 1, d, h, w]);
      expect(logits.length).toBe(3 * d * h * w);
      expect(logits.every(Number.isFinite)).toBe(true);
    }
  });

  it('overlooks what nnU-Net stores twice, and the heads of deep supervision', async () => {
    const extra = [
      { name: 'encoder.stages.0.0.convs.0.all_modules.0.weight', shape: [4, 1, 3, 3, 3] },
      { name: 'decoder.encoder.stages.0.0.convs.0.conv.weight', shape: [4, 1, 3, 3, 3] },
      { name: 'decoder.seg_layers.7.weight', shape: [3, 8, 1, 1, 1] },
    ];
    const filled = await fillWeights(plan, await checkpointOf([...weights, ...extra]));
    expect(filled.graph.initializers.map(({ name }) => name)).toEqual(weights.map(({ name }) => name));
  });

  it('refuses a missing, a surplus and a misshapen weight by name', async () => {
    const fill = async (list: typeof weights) => fillWeights(plan, await checkpointOf(list));
    await expect(fill(weights.slice(1))).rejects.toThrow(`lacks the weight ${weights[0]!.name}`);
    const surplus = { name: 'decoder.attention.weight', shape: [1] };
    await expect(fill([...weights, surplus])).rejects.toThrow(/decoder\.attention\.weight/);
    const wrong = { ...weights[0]!, shape: [4, 2, 3, 3, 3] };
    const misshapen = fill([wrong, ...weights.slice(1)]);
    await expect(misshapen).rejects.toThrow(ModelFormatError);
    await expect(misshapen).rejects.toThrow(/4 × 2 × 3 × 3 × 3 where plans.json says 4 × 1 × 3 × 3 × 3/);
  });
});

describe('other members of the family', () => {
  const base: Architecture = {
    kind: 'plain',
    features: [3, 5],
    kernels: [
      [1, 3, 3],
      [3, 3, 3],
    ],
    strides: [
      [1, 1, 1],
      [1, 2, 2],
    ],
    encoderDepths: [2, 2],
    decoderDepths: [2],
    convBias: false,
    norm: { kind: 'instance', epsilon: 1e-5, affine: false },
    activation: { kind: 'Relu' },
    activationFirst: false,
    stemFeatures: 3,
  };

  it.each<[string, Partial<Architecture>]>([
    ['norm without parameters', {}],
    ['batch norm', { norm: { kind: 'batch', epsilon: 1e-3, affine: true } }],
    ['no norm', { norm: null, convBias: true }],
    ['ELU before the norm', { activationFirst: true, activation: { kind: 'Elu', alpha: 1 } }],
    ['residual with a wider stem', { kind: 'residual', stemFeatures: 4 }],
  ])('runs with %s', async (_, change) => {
    const plan = planNetwork({ ...base, ...change }, 2, 4);
    const network = writeOnnx(await fillWeights(plan, await checkpointOf([...plan.weights])));
    const input = Float32Array.from({ length: 2 * 4 * 6 * 8 }, (_, i) => Math.cos(i));
    const logits = await runOnnx(network, input, [1, 2, 4, 6, 8]);
    expect(logits.length).toBe(4 * 4 * 6 * 8);
    expect(readOnnx(network).graph.nodes.at(-1)?.opType).toBe('Conv');
  });
});

async function importFolder(folder: string): Promise<Uint8Array> {
  const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const description = describeNnunet(json('plans.json'), json('dataset.json'), '3d_fullres');
  const zip = zipSource(readFileSync(join(folder, 'fold_0/checkpoint_final.pth')));
  return writeOnnx(await buildFold(description, await readCheckpoint(zip)));
}

describeShared('networks against PyTorch', () => {
  it.each(['nnunet-model-old-plans', 'nnunet-model-new-plans'])(
    '%s gives the golden logits',
    async (name) => {
      const folder = join(sharedData, 'golden', name);
      const input = readNpy(join(folder, 'expected/network_input.npy'));
      const expected = readNpy(join(folder, 'expected/network_logits.npy'));
      const { tolerance, stats } = JSON.parse(
        readFileSync(join(folder, 'expected/network_logits.json'), 'utf8'),
      );
      const logits = await runOnnx(await importFolder(folder), input.data as Float32Array, input.shape);
      const { maxAbs, rmse } = difference(logits, expected.data);
      // The sidecar's tolerance for a float32 engine, and 1e-4 of the largest logit.
      expect(maxAbs).toBeLessThanOrEqual(tolerance.float32_engine.max_abs);
      expect(rmse).toBeLessThanOrEqual(tolerance.float32_engine.rmse);
      expect(maxAbs).toBeLessThanOrEqual(1e-4 * Math.max(Math.abs(stats.min), stats.max));
    },
  );

  it('ct-tissue gives the logits of one window', async () => {
    const folder = join(sharedData, 'models/ct-tissue-nnunet');
    const input = readNpy(join(folder, 'expected/example_ct_patch_input.npy'));
    const centre = readNpy(join(folder, 'expected/example_ct_patch_logits_center32_float32.npy'));
    const logits = await runOnnx(await importFolder(folder), input.data as Float32Array, [1, 1, 64, 64, 64]);
    const ours = new Float32Array(6 * 32 ** 3);
    let at = 0;
    for (let c = 0; c < 6; c++)
      for (let z = 16; z < 48; z++)
        for (let y = 16; y < 48; y++)
          for (let x = 16; x < 48; x++) ours[at++] = logits[((c * 64 + z) * 64 + y) * 64 + x]!;
    // 1e-4 of the largest logit, 19.7 in size.
    expect(difference(ours, centre.data).maxAbs).toBeLessThanOrEqual(1e-4 * 19.7);
  });
});
