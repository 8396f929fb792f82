import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { AppFailure } from '../../main/contract/app-error.ts';
import type {
  FromEngine,
  SegmentOutcome,
  SegmentRequest,
  Slab,
  Stage,
} from '../../main/contract/engine-protocol.ts';
import type { SegmentationModel } from '../../main/core/model/segmentation-model.ts';
import { writeNifti } from '../../main/core/nifti/write-nifti.ts';
import { voxelCount, type Vec3, type Voxels } from '../../main/core/volume/volume.ts';
import { createPool } from '../../main/engine/pool.ts';
import { runSegmentJob } from '../../main/engine/segment-job.ts';
import { modelWith, smoothVolume } from '../fixtures/preprocessing.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { tinyNetworkOnnx } from '../fixtures/tiny-network.ts';
import { axialGrid } from '../unit/core/volume/orientations.ts';

const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

const shape: Vec3 = [40, 21, 18];
const classes = 6;

function modelOf(change: Partial<SegmentationModel> = {}): SegmentationModel {
  return modelWith([{ kind: 'ct', lower: 600, upper: 1400, mean: 1000, std: 100 }], {
    labels: Array.from({ length: classes - 1 }, (_, i) => ({
      value: i + 1,
      name: `label ${i + 1}`,
    })) as never,
    decision: { kind: 'argmax', values: Array.from({ length: classes }, (_, c) => c) },
    spacingMm: [1.5, 1.5, 1.5],
    patch: [8, 8, 8],
    ...change,
  });
}

function requestFor(
  change: Partial<SegmentRequest> = {},
  voxels: Voxels = smoothVolume(shape),
): SegmentRequest {
  const path = join(tempDir(), 'volume.nii');
  const size = voxels.length === voxelCount(shape) ? shape : ([3, 5, voxels.length / 15] as const);
  writeFileSync(path, Buffer.concat(writeNifti(voxels, axialGrid(size, [1.1, 0.9, 1]), 'test')));
  return {
    jobId: 'job',
    channels: [{ kind: 'nifti', path }],
    model: modelOf(),
    networks: [tinyNetworkOnnx({ classes })],
    device: { provider: 'cpu', deviceId: 0, name: 'CPU' },
    threads: 1,
    finishedSlabs: [],
    ...change,
  };
}

interface Run {
  readonly outcome: SegmentOutcome;
  readonly labels: Uint8Array;
  readonly slabs: Slab[];
  readonly progress: Extract<FromEngine, { type: 'progress' }>['progress'][];
}

async function run(request: SegmentRequest, signal = new AbortController().signal): Promise<Run> {
  const slabs: Slab[] = [];
  const progress: Run['progress'] = [];
  const send = (message: FromEngine) => {
    expect(message).toMatchObject({ jobId: 'job' });
    if (message.type === 'slab') slabs.push(message.slab);
    if (message.type === 'progress') progress.push(message.progress);
  };
  const outcome = await runSegmentJob(request, { pool, signal, send });
  return { outcome, labels: gunzipSync(outcome.labelsGz), slabs, progress };
}

describe('a segmentation job', () => {
  it('gives a labelmap on the input grid, its measurements, and slabs that make it up', async () => {
    const { outcome, labels, slabs, progress } = await run(requestFor());
    expect(outcome.grid.shapeZyx).toEqual(shape);
    expect(new Set(labels).size).toBeGreaterThan(2);
    const counted = outcome.measurements.map(({ value }) => labels.filter((label) => label === value).length);
    expect(outcome.measurements.map(({ voxels }) => voxels)).toEqual(counted);
    expect(slabs.length).toBeGreaterThan(3);
    expect(slabs.map(({ end }) => end).slice(0, -1)).toEqual(slabs.map(({ start }) => start).slice(1));
    expect(Buffer.concat(slabs.map(({ labelsGz }) => gunzipSync(labelsGz)))).toEqual(Buffer.from(labels));
    expect(Object.keys(outcome.stageSeconds)).toEqual([
      'load',
      'preprocess',
      'predict',
      'restore',
      'measure',
    ]);
    expect(outcome.networkSeconds).toBeLessThanOrEqual(outcome.stageSeconds.predict!);
    expect(outcome.peakMemoryBytes).toBeGreaterThan(10e6);
    const tiles = progress.filter(({ stage }) => stage === 'predict').at(-1)!;
    expect(tiles).toMatchObject({ done: tiles.total, secondsLeft: 0 });
  });

  it('goes on after any finished slab and ends with the same labels, bit for bit', async () => {
    const request = requestFor({ model: modelOf({ mirrorAxes: [2] }) });
    const whole = await run(request);
    for (let n = 1; n <= whole.slabs.length; n++) {
      const rest = await run({ ...request, finishedSlabs: whole.slabs.slice(0, n) });
      expect(rest.labels).toEqual(whole.labels);
      expect(rest.outcome.measurements).toEqual(whole.outcome.measurements);
      expect(rest.slabs.map(({ start, end }) => [start, end])).toEqual(
        whole.slabs.slice(n).map(({ start, end }) => [start, end]),
      );
    }
  });

  it('starts over where the slabs it is given do not fit', async () => {
    const request = requestFor();
    const { labels, slabs } = await run(request);
    const [first] = slabs;
    for (const wrong of [
      { ...first, start: 1 },
      { ...first, end: first.end + 1 },
      { ...first, labelsGz: first.labelsGz.slice(0, -12) },
      { ...first, labelsGz: gzipSync(new Uint8Array(1e6)) },
      { ...first, labelsGz: new Uint8Array(30).fill(7) },
    ]) {
      expect((await run({ ...request, finishedSlabs: [wrong] })).labels).toEqual(labels);
    }
  });

  it('labels alike with the head after blending and inside the network', async () => {
    const request = requestFor({
      networks: [tinyNetworkOnnx({ classes }), tinyNetworkOnnx({ classes, seed: 2 })],
    });
    const wholeHead = [1, 2].map((seed) => tinyNetworkOnnx({ classes, seed, wholeHead: true }));
    // One fold has fewer features than classes and is split; two folds are too many and are not.
    for (const folds of [1, 2]) {
      const split = await run({ ...request, networks: request.networks.slice(0, folds) });
      const unsplit = await run({ ...request, networks: wholeHead.slice(0, folds) });
      const differing = split.labels.filter((label, i) => label !== unsplit.labels[i]).length;
      // Logits differ by float32 rounding, so that a near tie may fall otherwise.
      expect(differing).toBeLessThanOrEqual(split.labels.length / 10_000);
    }
  });

  it('puts labels back whatever the orientation of the network', async () => {
    // A network that sees one voxel at a time, on the grid of the image, gives the same labels however the axes lie.
    const pointwise = tinyNetworkOnnx({ classes, pointwise: true });
    const asRead = await run(
      requestFor({ networks: [pointwise], model: modelOf({ spacingMm: [1.1, 0.9, 1] }) }),
    );
    const turned = await run(
      requestFor({
        networks: [pointwise],
        model: modelOf({ orientation: 'RIA', transposeForward: [2, 1, 0], spacingMm: [0.9, 1.1, 1] }),
      }),
    );
    expect([asRead, turned].map(({ slabs }) => slabs.at(-1)!.end)).toEqual([shape[0], shape[1]]);
    // Only the rounding of the weighted means differs.
    expect(agreementOf(turned.labels, asRead.labels)).toBeGreaterThan(0.999);
  });

  it.each(['nnunet', 'totalsegmentator'] as const)(
    'does empty, constant and tiny volumes (%s)',
    async (kind) => {
      const resampling = kind === 'nnunet' ? modelOf().resampling : { kind, dataOrder: 3 };
      const model = modelOf({ resampling });
      for (const voxels of [
        new Int16Array(voxelCount(shape)),
        new Int16Array(15 * 4).fill(900),
        smoothVolume([3, 5, 2]),
      ]) {
        const { labels } = await run(requestFor({ model }, voxels));
        expect(labels.length).toBe(voxels.length);
      }
    },
  );

  it.each(['nnunet', 'totalsegmentator'] as const)(
    'does images one voxel thin along any axes, and slices a hundred times as thick (%s)',
    async (kind) => {
      const resampling = kind === 'nnunet' ? modelOf().resampling : { kind, dataOrder: 3 };
      for (const size of [
        [1, 9, 9],
        [9, 1, 9],
        [9, 9, 1],
        [1, 1, 30],
        [1, 1, 1],
      ] as Vec3[]) {
        for (const spacingMm of [
          [1.1, 0.9, 1],
          [50, 0.5, 0.5],
          [0.5, 0.5, 50],
        ] as Vec3[]) {
          const voxels = smoothVolume(size);
          const path = join(tempDir(), 'volume.nii');
          writeFileSync(path, Buffer.concat(writeNifti(voxels, axialGrid(size, spacingMm), 'test')));
          const change = { resampling, orientation: 'SAR', transposeForward: [2, 0, 1] as Vec3 };
          const request = requestFor({ channels: [{ kind: 'nifti', path }], model: modelOf(change) });
          const { labels, outcome } = await run(request);
          expect(labels.length).toBe(voxels.length);
          const counted = outcome.measurements.reduce((sum, each) => sum + each.voxels, 0);
          expect(counted).toBe(labels.filter((label) => label > 0).length);
        }
      }
    },
  );

  it('gives all 255 labels that fit into a labelmap', async () => {
    const values = Array.from({ length: 256 }, (_, value) => value);
    const labels = values.slice(1).map((value) => ({ value, name: `label ${value}` })) as never;
    for (const decision of [
      { kind: 'argmax', values },
      { kind: 'regions', values: values.slice(1).reverse() },
    ] as const) {
      const networks = [tinyNetworkOnnx({ classes: decision.values.length })];
      const { outcome, labels: found } = await run(
        requestFor({ networks, model: modelOf({ labels, decision }) }),
      );
      expect(outcome.measurements.length).toBe(255);
      expect(new Set(found).size).toBeGreaterThan(4);
    }
  });

  it('refuses what does not fit into memory before it is allocated', async () => {
    const free = vi.spyOn(process, 'availableMemory').mockReturnValue(2 ** 20);
    const refused = (detail: string) => ({
      error: { code: 'out-of-memory', detail: expect.stringContaining(detail) },
    });
    const fine = modelOf({ spacingMm: [0.2, 0.2, 0.2] });
    await expect(run(requestFor({ model: fine }))).rejects.toMatchObject(refused('the resampled image'));
    // The image is a few thousand voxels; 64 planes of 32 × 32 in four channels are summed over tiles.
    free.mockReturnValue(600e3);
    const coarse = modelOf({ patch: [64, 32, 32] });
    await expect(run(requestFor({ model: coarse }))).rejects.toMatchObject(refused('a row of tiles'));
    free.mockRestore();
  });

  it('paints regions', async () => {
    const model = modelOf({ decision: { kind: 'regions', values: [2, 1, 3] } });
    const { labels } = await run(requestFor({ model, networks: [tinyNetworkOnnx({ classes: 3 })] }));
    expect(new Set(labels).size).toBeGreaterThan(1);
    expect(labels.every((label) => label <= 3)).toBe(true);
  });

  it('stops within one tile when it is cancelled', async () => {
    const abort = new AbortController();
    let tiles = 0;
    const send = (message: FromEngine) => {
      if (message.type !== 'progress' || message.progress.stage !== 'predict') return;
      tiles++;
      abort.abort();
    };
    const cancelled = runSegmentJob(requestFor(), { pool, signal: abort.signal, send });
    await expect(cancelled).rejects.toMatchObject({ error: { code: 'cancelled' } });
    expect(tiles).toBe(1);
  });

  it.each([
    ['once the image is read', (message: FromEngine) => isStage(message, 'load')],
    ['while preprocessing', (message: FromEngine) => isStage(message, 'preprocess')],
    ['after the first slab', (message: FromEngine) => message.type === 'slab'],
    [
      'after the last slab',
      (message: FromEngine) => message.type === 'slab' && message.slab.end === shape[0],
    ],
  ])('is cancelled %s, and says nothing more after that', async (_, isMoment) => {
    // Several times: answers of worker threads are on their way or not.
    for (let round = 0; round < 6; round++) {
      const abort = new AbortController();
      let messages = 0;
      const send = (message: FromEngine) => {
        messages++;
        if (isMoment(message)) abort.abort();
      };
      const cancelled = runSegmentJob(requestFor(), { pool, signal: abort.signal, send });
      await expect(cancelled).rejects.toMatchObject({ error: { code: 'cancelled' } });
      const sent = messages;
      // Long enough for a slab that was being compressed.
      await setTimeout(20);
      expect(messages).toBe(sent);
    }
  });

  it('says model-corrupt where the network and its description differ', async () => {
    const request = requestFor({ networks: [tinyNetworkOnnx({ classes: 3 })] });
    await expect(run(request)).rejects.toMatchObject({ error: { code: 'model-corrupt' } });
    await expect(run({ ...request, networks: [new Uint8Array(50).fill(255)] })).rejects.toThrow(AppFailure);
  });

  it('gives back the networks it has loaded when another cannot be', async () => {
    const session = await InferenceSession.create(tinyNetworkOnnx({ classes }));
    const release = vi.spyOn(Object.getPrototypeOf(session) as InferenceSession, 'release');
    const whole = (count: number) => tinyNetworkOnnx({ classes: count, wholeHead: true });
    await expect(run(requestFor({ networks: [whole(classes), whole(3)] }))).rejects.toMatchObject({
      error: { code: 'model-corrupt' },
    });
    expect(release).toHaveBeenCalledTimes(2);
    await session.release();
    release.mockRestore();
  });

  it('says device-failed where the network gives no numbers', async () => {
    // Near the end of float32: a sum of a few is beyond it.
    const huge = Float32Array.from(smoothVolume(shape), (value) => value * 2e35);
    const model = modelOf({ channels: modelWith([{ kind: 'none' }], { spacingMm: [1, 1, 1] }).channels });
    await expect(run(requestFor({ model }, huge))).rejects.toMatchObject({
      error: { code: 'device-failed', device: 'CPU', detail: expect.stringContaining('not finite') },
    });
  });
});

function agreementOf(a: Uint8Array, b: Uint8Array): number {
  return a.filter((label, i) => label === b[i]).length / a.length;
}

function isStage(message: FromEngine, stage: Stage): boolean {
  return message.type === 'progress' && message.progress.stage === stage;
}
