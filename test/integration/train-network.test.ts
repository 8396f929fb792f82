import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import type { TrainImage, TrainRequest } from '../../main/contract/train-request.ts';
import { readTrainRecipe } from '../../main/core/learn/recipe/train-recipe.ts';
import { learnableWeights } from '../../main/core/learn/train/learnable-weights.ts';
import { readOnnx } from '../../main/core/onnx/onnx-file.ts';
import { trainNetwork } from '../../main/engine/learn/train-network.ts';
import { createPool } from '../../main/engine/pool.ts';
import {
  tinyRecipe,
  writeEvenImage,
  writeLabelledImages,
  writeWrongLabels,
} from '../fixtures/labelled-images.ts';

const pool = createPool({ threads: 2 });
const folder = mkdtempSync(join(tmpdir(), 'thinslice-test-'));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await pool.destroy();
});

const written = writeLabelledImages(folder, 3);
const images: TrainImage[] = written.images.map((path, index) => ({
  name: `ball-${index}`,
  source: { kind: 'nifti', path },
  part: 'all',
  labels: { path: join(written.labels, `ball-${index}.nii`), frameOfReferenceUid: '' },
}));

const request = (change: Partial<TrainRequest> = {}, training: object = {}): TrainRequest => ({
  jobId: 'train',
  recipe: readTrainRecipe({ ...tinyRecipe, training: { ...tinyRecipe.training, ...training } }),
  images: images.slice(0, 2),
  heldOut: images.slice(2),
  limits: { steps: 60, minutes: null },
  threads: 2,
  checkpoint: null,
  ...change,
});

const expectRefusal = (training: Promise<unknown>, error: object): Promise<void> =>
  expect(training).rejects.toMatchObject({ error });

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('training from scratch', () => {
  it('learns what it is shown, and says so of an image that it did not see', async () => {
    const trained = await trainNetwork(request(), { pool });
    expect(trained.losses).toHaveLength(60);
    expect(meanOf(trained.losses.slice(-10))).toBeLessThan(meanOf(trained.losses.slice(0, 10)) - 0.5);
    const [first] = trained.judgements;
    expect(trained.bestScore).toBeGreaterThan(first!.score + 0.2);
    const [image] = trained.heldOut;
    expect(image!.labels.map(({ name }) => name)).toEqual(['background', 'soft_tissue', 'bone']);
    for (const { dice } of image!.labels) expect(dice).toBeGreaterThan(0.8);
    expect(readOnnx(trained.network).graph.outputs.map(({ name }) => name)).toEqual(['logits']);
  });

  it('learns without norms and by SOAP, and goes on from a checkpoint of it', async () => {
    const { network } = tinyRecipe;
    const limits = { steps: 40, minutes: null };
    const training = { ...tinyRecipe.training, optimizer: { kind: 'soap', learningRate: 0.01 } };
    const recipe = readTrainRecipe({ ...tinyRecipe, network: { ...network, norm: 'none' }, training });
    const checkpoints: { steps: number; bytes: Uint8Array }[] = [];
    const onCheckpoint = (steps: number, bytes: Uint8Array) => checkpoints.push({ steps, bytes });
    const whole = await trainNetwork(request({ recipe, limits }), { pool, onCheckpoint });
    const { nodes } = readOnnx(whole.network).graph;
    expect(new Set(nodes.map(({ opType }) => opType))).not.toContain('InstanceNormalization');
    expect(meanOf(whole.losses.slice(-10))).toBeLessThan(meanOf(whole.losses.slice(0, 10)) - 0.3);
    const checkpoint = checkpoints[0]!;
    expect(checkpoint.steps).toBe(10);
    const resumed = await trainNetwork(request({ recipe, limits, checkpoint }), { pool });
    expect(Buffer.compare(resumed.network, whole.network)).toBe(0);
  });

  it('gives the same bytes for the same seed and steps, and others for another seed', async () => {
    const few = { limits: { steps: 6, minutes: null } };
    const augmented = {
      augment: true,
      mirrorAxes: [0, 1, 2],
      intensityShift: { share: 0.5, most: 25 },
      noise: { share: 0.5, most: 60 },
      shortStacks: { share: 0.5, slices: [4, 8] },
    };
    const [one, two] = [
      await trainNetwork(request(few, augmented), { pool }),
      await trainNetwork(request(few, augmented), { pool }),
    ];
    expect(Buffer.compare(one.network, two.network)).toBe(0);
    expect(two.losses).toEqual(one.losses);
    const other = await trainNetwork(request(few, { ...augmented, seed: 4 }), { pool });
    expect(other.losses).not.toEqual(one.losses);
  });

  it('goes on from a checkpoint with the same losses and weights as without a break', async () => {
    const checkpoints: { steps: number; bytes: Uint8Array }[] = [];
    const whole = await trainNetwork(request({ limits: { steps: 20, minutes: null } }), {
      pool,
      onCheckpoint: (steps, bytes) => checkpoints.push({ steps, bytes }),
    });
    expect(checkpoints.map(({ steps }) => steps)).toEqual([10, 20]);
    const checkpoint = checkpoints[0]!;
    const resumed = await trainNetwork(request({ limits: { steps: 20, minutes: null }, checkpoint }), {
      pool,
    });
    expect(resumed.losses.map(Math.fround)).toEqual(whole.losses.map(Math.fround));
    expect(Buffer.compare(resumed.network, whole.network)).toBe(0);
  });

  it('keeps the best weights where the loss becomes no number', async () => {
    const trained = await trainNetwork(request({}, { optimizer: { kind: 'adamw', learningRate: 1e38 } }), {
      pool,
    });
    expect(trained.diverged).toBe(true);
    const kept = learnableWeights(readOnnx(trained.network));
    for (const { data } of kept.values()) expect(data.every(Number.isFinite)).toBe(true);
  });

  it('takes a part of an image as if there were no more of it', async () => {
    const [one] = images;
    const trained = await trainNetwork(
      request({
        images: [{ ...one!, part: { slices: [0, 11] } }],
        heldOut: [{ ...one!, part: { mm: [42, 1000] } }],
        limits: { steps: 1, minutes: null },
      }),
      { pool },
    );
    const voxels = trained.heldOut[0]!.labels.reduce((sum, each) => sum + each.referenceVoxels, 0);
    expect(voxels).toBe(6 * 24 * 22); // slices 14 to 19
  });
});

test('stops when it is told to', async () => {
  const abort = new AbortController();
  const training = trainNetwork(request({ limits: { steps: 10_000, minutes: null } }), {
    pool,
    signal: abort.signal,
    onProgress: ({ stage, done }) => {
      if (stage === 'learn' && done > 0) abort.abort();
    },
  });
  await expectRefusal(training, { code: 'cancelled' });
});

test('labels of another size are refused by the name of their file', async () => {
  const path = join(folder, 'wrong.nii');
  writeWrongLabels(path);
  const training = trainNetwork(
    request({ images: [{ ...images[0]!, labels: { path, frameOfReferenceUid: '' } }] }),
    { pool },
  );
  await expectRefusal(training, { code: 'reference-refused', path });
});

test('intensities that are all the same are refused before anything is learnt, not after', async () => {
  const path = join(folder, 'even.nii');
  writeEvenImage(path);
  const even: TrainImage = { ...images[0]!, source: { kind: 'nifti', path } };
  await expectRefusal(trainNetwork(request({ images: [even] }), { pool }), {
    code: 'usage',
    detail: expect.stringMatching(/same intensity/),
  });
});

test('a step that would not fit into memory is found before anything is read', async () => {
  const missing: TrainImage = { ...images[0]!, source: { kind: 'nifti', path: join(folder, 'none.nii') } };
  const huge = { patches: [{ patch: [512, 512, 512], batch: 16, until: 1 }] };
  await expectRefusal(trainNetwork(request({ images: [missing] }, huge), { pool }), {
    code: 'out-of-memory',
  });
});

test('slices that the image does not have are refused', async () => {
  const beyond: TrainImage = { ...images[0]!, part: { slices: [30, 40] } };
  await expectRefusal(trainNetwork(request({ images: [beyond] }), { pool }), {
    code: 'input-refused',
    detail: 'the slices 30 to 40 are not among its 20',
  });
});
