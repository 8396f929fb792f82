import { afterAll, describe, expect, it, test } from 'vitest';
import type { Progress, VolumeSource } from '../../main/contract/engine-protocol.ts';
import type { TuneCheckpoint, TuneRequest } from '../../main/contract/tune-request.ts';
import { learnableWeights, withWeights } from '../../main/core/learn/train/learnable-weights.ts';
import { manifestModel, readManifest } from '../../main/core/model/manifest.ts';
import { readOnnx, writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import { tuneNetworks } from '../../main/engine/learn/tune-networks.ts';
import { createPool } from '../../main/engine/pool.ts';
import { createRandom } from '../fixtures/random.ts';
import { noiseImage, smallManifest } from '../fixtures/small-model.ts';
import { tinyNetworkOnnx } from '../fixtures/tiny-network.ts';

const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

const image = (seed: number): VolumeSource => ({ kind: 'nifti', path: noiseImage(createRandom(seed)) });

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
  images: [[image(1)], [image(2)]],
  heldOut: [[image(3)]],
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

test('a checkpoint of another network is refused', async () => {
  const checkpoints: TuneCheckpoint[] = [];
  const few = { ...recipe, steps: 1 };
  await tuneNetworks(request({ recipe: few }), { pool, onCheckpoint: (each) => checkpoints.push(each) });
  const other = tinyNetworkOnnx({ classes: 3, seed: 5, pointwise: true });
  const wrong = request({ networks: [other], teachers: [other], recipe: few, checkpoint: checkpoints[0]! });
  await expect(tuneNetworks(wrong, { pool })).rejects.toThrow(/not of this network/);
});
