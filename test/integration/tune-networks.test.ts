import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import type { Progress } from '../../main/contract/engine-protocol.ts';
import type { TuneCheckpoint, TuneImage, TuneRequest } from '../../main/contract/tune-request.ts';
import { learnableWeights, withWeights } from '../../main/core/learn/train/learnable-weights.ts';
import { manifestModel, readManifest } from '../../main/core/model/manifest.ts';
import { writeNifti } from '../../main/core/nifti/write-nifti.ts';
import { readOnnx, writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import { tuneNetworks } from '../../main/engine/learn/tune-networks.ts';
import { createPool } from '../../main/engine/pool.ts';
import { createRandom } from '../fixtures/random.ts';
import { noiseImage, smallManifest, smallNifti } from '../fixtures/small-model.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { tinyNetworkOnnx } from '../fixtures/tiny-network.ts';

const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

const image = (seed: number): TuneImage => ({
  channels: [{ kind: 'nifti', path: noiseImage(createRandom(seed)) }],
  labels: null,
});

const model = manifestModel(readManifest(smallManifest));

const teacher = tinyNetworkOnnx({ classes: 3, seed: 5 });

/** The teacher with noise on its weights. */
function student(): Uint8Array {
  const network = readOnnx(teacher);
  const random = createRandom(9);
  const noisy = [...learnableWeights(network)].map(
    ([name, { data }]) => [name, data.map((value) => value + 0.3 * (random() - 0.5))] as const,
  );
  return writeOnnx(withWeights(network, new Map(noisy)));
}

const recipe: TuneRequest['recipe'] = {
  minutes: 60,
  steps: 60,
  learningRate: 1e-2,
  weightDecay: 0,
  temperature: 1,
  foregroundWeight: 2,
  seed: 1,
};

const request = (change: Partial<TuneRequest> = {}): TuneRequest => ({
  jobId: 'tune',
  model,
  networks: [student()],
  teachers: [teacher],
  images: [image(1), image(2)],
  heldOut: [image(3)],
  recipe,
  threads: 2,
  checkpoint: null,
  ...change,
});

describe('tuning a variant', () => {
  it('brings it nearer to the full network on an image that it did not learn from', async () => {
    const { folds, networks } = await tuneNetworks(request(), { pool });
    const [fold] = folds;
    expect(fold!.agreementBefore).toBeLessThan(0.95);
    expect(fold!.agreementAfter).toBeGreaterThan(fold!.agreementBefore + (1 - fold!.agreementBefore) / 2);
    expect(fold!.losses).toHaveLength(60);
    expect(networks[0]).not.toEqual(request().networks[0]);
  });

  it('goes on from a checkpoint with the same losses as without a break', async () => {
    const checkpoints: TuneCheckpoint[] = [];
    const whole = await tuneNetworks(request(), { pool, onCheckpoint: (each) => checkpoints.push(each) });
    const [checkpoint] = checkpoints;
    expect(checkpoint!.steps).toBe(25);
    const resumed = await tuneNetworks(request({ checkpoint: checkpoint! }), { pool });
    expect(resumed.folds[0]!.losses).toEqual(whole.folds[0]!.losses.map(Math.fround));
  });

  it('begins anew where its checkpoint is damaged', async () => {
    const short = { ...recipe, steps: 3 };
    const whole = await tuneNetworks(request({ recipe: short }), { pool });
    const checkpoint = {
      fold: 0,
      steps: 2,
      bytes: new Uint8Array(100),
      finished: { networks: [], folds: [] },
    };
    const again = await tuneNetworks(request({ recipe: short, checkpoint }), { pool });
    expect(again.networks).toEqual(whole.networks);
  });

  it('tells its loss and agreement, and stopped within a step goes on with the same curve', async () => {
    const whole = await tuneNetworks(request(), { pool });
    const abort = new AbortController();
    const checkpoints: TuneCheckpoint[] = [];
    const told: Progress[] = [];
    const stopped = tuneNetworks(request(), {
      pool,
      signal: abort.signal,
      onProgress: (each) => {
        told.push(each);
        // The agreement after 25 steps is always told of.
        if (each.learning?.steps === 25) abort.abort();
      },
      onCheckpoint: (each) => checkpoints.push(each),
    });
    await expect(stopped).rejects.toMatchObject({ error: { code: 'cancelled' } });
    expect(told.filter(({ stage }) => stage === 'load').map(({ done, total }) => [done, total])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    const begun = told.find(({ stage }) => stage === 'learn')!;
    expect(begun).toMatchObject({ learning: { fold: 0, folds: 1, steps: 0, mostSteps: 60, loss: null } });
    const { learning, secondsLeft } = told.at(-1)!;
    // The rate of the first step follows the clock, and all later ones that one.
    const near = (losses: readonly number[]) => losses.map((loss) => expect.closeTo(loss, 4) as number);
    expect(learning!.loss).toEqual(near(whole.folds[0]!.losses)[24]);
    expect(learning!.curve.judgements.map(({ steps }) => steps)).toEqual([0, 25]);
    expect(learning!.agreement).toBe(learning!.curve.judgements[1]!.score);
    expect(secondsLeft).toBeGreaterThan(0);

    const resumed: Progress[] = [];
    const { folds } = await tuneNetworks(request({ checkpoint: checkpoints.at(-1)! }), {
      pool,
      onProgress: (each) => resumed.push(each),
    });
    expect(folds[0]!.losses).toEqual(near(whole.folds[0]!.losses));
    const first = resumed.find(({ stage }) => stage === 'learn')!.learning!;
    expect(first.steps).toBe(25);
    expect(first.curve.losses.map(({ loss }) => loss)).toEqual(
      learning!.curve.losses.map(({ loss }) => Math.fround(loss)),
    );
  });

  it('keeps the best weights where the loss becomes no number', async () => {
    const { folds, networks } = await tuneNetworks(
      request({ recipe: { ...recipe, learningRate: 1e38, steps: 10 } }),
      { pool },
    );
    expect(folds[0]!.diverged).toBe(true);
    const kept = learnableWeights(readOnnx(networks[0]!));
    for (const { data } of kept.values()) expect(data.every(Number.isFinite)).toBe(true);
  });
});

test('a variant of a model of regions learns each by its sigmoid', async () => {
  const regions = { ...model, decision: { kind: 'regions', values: [1, 2, 3] } } as const;
  const { folds } = await tuneNetworks(request({ model: regions }), { pool });
  const [fold] = folds;
  expect(fold!.agreementBefore).toBeLessThan(0.95);
  expect(fold!.agreementAfter).toBeGreaterThan(fold!.agreementBefore + (1 - fold!.agreementBefore) / 2);
});

describe('learning from labels', () => {
  /** Dark and bright voxels, in an image of noise. */
  function drawnOn(seed: number): TuneImage {
    const random = createRandom(seed);
    const voxels = Uint8Array.from({ length: 20 * 18 * 22 }, () => Math.floor(256 * random()));
    const labels = smallNifti(voxels.map((value) => (value > 170 ? 1 : value < 85 ? 2 : 0)));
    return {
      channels: [{ kind: 'nifti', path: smallNifti(voxels) }],
      labels: { path: labels, frameOfReferenceUid: '' },
    };
  }
  const drawn = (change: Partial<TuneRequest> = {}): TuneRequest =>
    request({
      teachers: null,
      images: [drawnOn(1), drawnOn(2)],
      heldOut: [drawnOn(3)],
      recipe: { ...recipe, steps: 150, learningRate: 3e-2 },
      ...change,
    });

  it('brings a network near to them on an image that it did not learn from', async () => {
    const { folds } = await tuneNetworks(drawn(), { pool });
    expect(folds[0]!.agreementBefore).toBeLessThan(0.5);
    expect(folds[0]!.agreementAfter).toBeGreaterThan(0.8);
  });

  it('refuses labels of another grid before it learns anything', async () => {
    const other = { ...drawnOn(1), labels: { path: oblong(), frameOfReferenceUid: '' } };
    const told: Progress[] = [];
    const refused = tuneNetworks(drawn({ heldOut: [other] }), {
      pool,
      onProgress: (each) => told.push(each),
    });
    await expect(refused).rejects.toMatchObject({ error: { code: 'reference-refused' } });
    expect(told.every(({ stage }) => stage === 'load')).toBe(true);
  });
});

/** A label map with one voxel less along an axis. */
function oblong(): string {
  const [axis, shape] = [[0, 0, 1] as const, [20, 18, 21] as const];
  const grid = {
    shapeZyx: shape,
    spacingZyxMm: [1, 1, 1],
    originLps: [0, 0, 0],
    directionsZyx: [axis, [0, 1, 0], [1, 0, 0]],
  } as const;
  const path = join(tempDir(), 'labels.nii');
  writeFileSync(path, Buffer.concat(writeNifti(new Uint8Array(20 * 18 * 21).fill(1), grid, 'labels')));
  return path;
}

test('a checkpoint of another network is none', async () => {
  const checkpoints: TuneCheckpoint[] = [];
  const few = { ...recipe, steps: 1 };
  await tuneNetworks(request({ recipe: few }), { pool, onCheckpoint: (each) => checkpoints.push(each) });
  const other = tinyNetworkOnnx({ classes: 3, seed: 5, pointwise: true });
  const wrong = request({ networks: [other], teachers: [other], recipe: few, checkpoint: checkpoints[0]! });
  const { networks } = await tuneNetworks(wrong, { pool });
  expect(networks).toEqual((await tuneNetworks({ ...wrong, checkpoint: null }, { pool })).networks);
});
