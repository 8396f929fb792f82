import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AppFailure, type AppError } from '../../../main/contract/app-error.ts';
import type { SegmentRequest } from '../../../main/contract/engine-protocol.ts';
import type { JobView, RunOrder } from '../../../main/contract/ipc/job-channels.ts';
import { openDatabase } from '../../../main/db/database.ts';
import { setVariantCosts } from '../../../main/db/queries/models.ts';
import type { Context } from '../../../main/services/context.ts';
import type { RequestOptions } from '../../../main/services/engine-client.ts';
import { importModel } from '../../../main/services/models.ts';
import { planForWindow } from '../../../main/services/plan-view.ts';
import { Queue } from '../../../main/services/queue.ts';
import { scanStudies } from '../../../main/services/studies.ts';
import { manifestOf, thresholdOnnx, writeModelFolder } from '../../fixtures/cli-inputs.ts';
import { card, computer, fakeEngines } from '../../fixtures/fake-engine.ts';
import { addVariant } from '../../fixtures/segment-setting.ts';
import { tempDir } from '../../fixtures/temp-dir.ts';

type Segment = (request: SegmentRequest, options: RequestOptions) => void | Promise<void>;
const studyFolder = join(import.meta.dirname, '../../../resources/study');

/** A database with the bundled study and a model of one channel; engines segment as told. */
async function setUp(dataDir = tempDir(), channels = [{ name: 'any' }]) {
  let segment: Segment = () => {};
  const db = openDatabase(dataDir);
  onTestFinished(() => void (db.open && db.close()));
  const { startEngine, asked } = fakeEngines({
    'inspect-machine': () => computer(card()),
    'check-device': () => ({ passed: true, agreement: 1 }),
    'time-network': () => ({ seconds: 0.01, peakBytes: null }),
    segment: async (request, options) => {
      options.onProgress?.({ stage: 'predict', done: 0, total: 2, secondsLeft: 5 });
      await segment(request, options);
      const [source] = request.channels;
      if (source?.kind !== 'dicom') throw new Error('no DICOM');
      const grid = source.volume.grid!;
      const labels = new Uint8Array(grid.shapeZyx[0] * grid.shapeZyx[1] * grid.shapeZyx[2]);
      return {
        grid,
        labelsGz: gzipSync(labels),
        labelsSha256: createHash('sha256').update(labels).digest('hex'),
        measurements: [],
        stageSeconds: {},
        networkSeconds: 1,
        run: null,
        peakMemoryBytes: 1,
      };
    },
  });
  const context: Context = {
    db,
    startEngine,
    appVersion: '1',
    resourcesDir: '',
    now: () => new Date().toISOString(),
    newId: randomUUID,
  };
  const manifest = manifestOf(channels, { patch: [32, 32, 32] });
  const model = await importModel(
    context,
    writeModelFolder(
      join(tempDir(), 'm'),
      thresholdOnnx(
        channels.map(() => 1),
        0,
      ),
      manifest,
    ),
  );
  const costs = { macs: 1e9, movedBytes: 1e7, activationBytes: 1e7, weightBytes: 1e5, planeChannels: 2 };
  setVariantCosts(db, `${model.id}/full`, costs);
  const [study] = (await scanStudies(context, studyFolder)).studies;
  const volumeId = study!.series[0]!.volumes[0]!.id;
  const order: RunOrder = {
    volume: { studyUid: study!.studyInstanceUid, volumeId },
    model: model.id,
    variant: 'auto',
    device: 'cpu',
    maxSeconds: null,
    channels: {},
  };
  const told: JobView[] = [];
  const bugs: unknown[] = [];
  const start = () =>
    new Queue(context, { onChange: (job) => told.push(job), onBug: (bug) => bugs.push(bug) });
  const queue = start();
  const ended = (id: string) =>
    vi.waitFor(() => {
      const job = queue.list().find((each) => each.id === id)!;
      if (['waiting', 'running'].includes(job.state)) throw new Error(job.state);
      return job;
    });
  return {
    context,
    queue,
    start,
    order,
    model,
    told,
    bugs,
    asked,
    ended,
    segmentAs: (as: Segment) => (segment = as),
  };
}

const fail = (error: AppError) => {
  throw new AppFailure(error);
};

/** Keeps a segmentation waiting until it is let go or cancelled. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const pass: Segment = (_request, { signal }) =>
    Promise.race([
      opened,
      new Promise<void>((_, reject) =>
        signal?.addEventListener('abort', () => reject(new AppFailure({ code: 'cancelled' }))),
      ),
    ]);
  return { open: () => open(), pass };
}

test('one after the other runs, with progress, and each ends in a result', async () => {
  const { queue, order, told, ended, segmentAs } = await setUp();
  const { open, pass } = gate();
  segmentAs(pass);
  const first = await queue.enqueue(order);
  const second = await queue.enqueue(order);
  await vi.waitFor(() => expect(queue.list()[0]?.progress?.stage).toBe('predict'));
  expect(queue.list().map(({ id, state }) => [id, state])).toEqual([
    [first.id, 'running'],
    [second.id, 'waiting'],
  ]);
  expect(queue.list()[0]).toMatchObject({
    progress: { done: 0, total: 2, secondsLeft: 5, isCancelling: false },
    choice: { variant: 'full', device: { kind: 'cpu' }, reason: { code: 'asked-for' } },
    title: { patientName: expect.any(String), modelName: expect.any(String) },
  });
  open();
  const done = await ended(second.id);
  expect(done).toMatchObject({ state: 'done', error: null, progress: null });
  expect((await ended(first.id)).resultId).not.toBe(done.resultId);
  expect(told.filter(({ id }) => id === first.id).map(({ state }) => state)).toContain('waiting');
});

test('a waiting one is cancelled at once, the running one by its engine, and the next one runs', async () => {
  const { queue, order, ended, segmentAs } = await setUp();
  segmentAs(gate().pass);
  const [first, second, third] = [
    await queue.enqueue(order),
    await queue.enqueue(order),
    await queue.enqueue(order),
  ];
  await vi.waitFor(() => expect(queue.list()[0]?.progress?.stage).toBe('predict'));
  queue.cancel(second.id);
  expect(queue.list().find(({ id }) => id === second.id)).toMatchObject({ state: 'cancelled' });
  segmentAs(() => {});
  queue.cancel(first.id);
  expect(await ended(first.id)).toMatchObject({ state: 'cancelled', resultId: null });
  expect(await ended(third.id)).toMatchObject({ state: 'done' });
  queue.forget(first.id);
  expect(queue.list().map(({ id }) => id)).not.toContain(first.id);
  expect(() => queue.cancel(first.id)).toThrow(AppFailure);
});

test('what went wrong on the way is told, and stays with the job', async () => {
  const { queue, order, model, context, ended, segmentAs } = await setUp();
  addVariant({ db: context.db, model, input: '' }, 'half', 1e8, 0.98);
  let runs = 0;
  segmentAs((_request, { onSlab }) => {
    runs++;
    if (runs === 1) {
      onSlab?.({ start: 0, end: 3, labelsGz: gzipSync(new Uint8Array(1)) });
      fail({ code: 'engine-died', detail: 'killed (SIGKILL)' });
    }
    if (runs === 2) fail({ code: 'out-of-memory', device: 'cpu', detail: 'bad_alloc' });
  });
  const { id } = await queue.enqueue(order);
  const job = await ended(id);
  expect(job.news).toMatchObject([
    { kind: 'restarted', detail: 'killed (SIGKILL)' },
    { kind: 'resumed', planes: 3 },
    { kind: 'setback', variant: 'full', error: { code: 'out-of-memory' } },
  ]);
  expect(job).toMatchObject({ state: 'done', choice: { variant: 'half' } });
});

test('what the program was closed over is interrupted, and goes on when somebody says so', async () => {
  const dataDir = tempDir();
  const before = await setUp(dataDir);
  before.segmentAs((_request, { onSlab }) => {
    onSlab?.({ start: 0, end: 3, labelsGz: gzipSync(new Uint8Array(1)) });
    return new Promise(() => {});
  });
  const [running, waiting] = [
    await before.queue.enqueue(before.order),
    await before.queue.enqueue(before.order),
  ];
  await vi.waitFor(() => expect(before.queue.list()[0]?.progress?.stage).toBe('predict'));
  before.queue.stop();
  // Its process is gone.
  before.context.db.prepare(`UPDATE jobs SET owner_pid = 4194305`).run();
  before.context.db.close();

  const after = await setUp(dataDir);
  expect(after.queue.list().map(({ state }) => state)).toEqual(['interrupted', 'interrupted']);
  expect(after.asked.map(({ kind }) => kind)).not.toContain('segment');
  after.queue.resume(running.id);
  expect(await after.ended(running.id)).toMatchObject({
    state: 'done',
    news: [{ kind: 'resumed', planes: 3 }],
  });
  expect(after.queue.list().find(({ id }) => id === waiting.id)).toMatchObject({ state: 'interrupted' });
  expect([...before.bugs, ...after.bugs]).toEqual([]);
});

test('what a command was killed over is offered too, until it is taken off the list', async () => {
  const { queue, start, order, context, ended, segmentAs } = await setUp();
  segmentAs((_request, { onSlab }) => {
    onSlab?.({ start: 0, end: 3, labelsGz: gzipSync(new Uint8Array(1)) });
    fail({ code: 'engine-died', detail: 'gone' });
  });
  await ended((await queue.enqueue(order)).id);
  // A command leaves a job, and no order of the window.
  context.db.exec(`DELETE FROM queue`);
  const [adopted] = start().list();
  expect(adopted).toMatchObject({ state: 'interrupted', volume: order.volume, order: { variant: 'full' } });
  segmentAs(() => {});
  queue.resume(adopted!.id);
  expect(await ended(adopted!.id)).toMatchObject({ state: 'done', news: [{ kind: 'resumed', planes: 3 }] });

  segmentAs(() => fail({ code: 'engine-died', detail: 'gone' }));
  const { id } = await queue.enqueue(order);
  await ended(id);
  queue.forget(id);
  expect(
    start()
      .list()
      .map(({ state }) => state),
  ).toEqual(['done']);
});

test('an engine that keeps dying leaves the job to go on with; another failure to try again', async () => {
  const { queue, order, ended, segmentAs } = await setUp();
  segmentAs(() => fail({ code: 'engine-died', detail: 'gone' }));
  const { id } = await queue.enqueue(order);
  expect(await ended(id)).toMatchObject({ state: 'interrupted', error: { code: 'engine-died' } });
  segmentAs(() => fail({ code: 'input-unreadable', path: '/x', detail: 'EIO' }));
  queue.resume(id);
  expect(await ended(id)).toMatchObject({ state: 'failed', error: { code: 'input-unreadable' } });
});

test('a fault of the program ends the job, is reported, and the queue goes on', async () => {
  const { queue, order, ended, segmentAs, bugs } = await setUp();
  segmentAs(() => {
    throw new TypeError('a bug');
  });
  const { id } = await queue.enqueue(order);
  expect(await ended(id)).toMatchObject({ state: 'failed', error: { code: 'bug' } });
  expect(bugs).toEqual([expect.any(TypeError)]);
  segmentAs(() => {});
  const next = await queue.enqueue(order);
  expect(await ended(next.id)).toMatchObject({ state: 'done' });
});

test('the plan says what would run and what else could, each as it would run', async () => {
  const { context, order, model } = await setUp();
  addVariant({ db: context.db, model, input: '' }, 'half', 1e8, 0.98);
  addVariant({ db: context.db, model, input: '' }, 'rough', 1e7, 0.5);
  const plan = await planForWindow(context, { ...order, device: 'auto' });
  expect(plan.outcome).toMatchObject({
    ok: true,
    choice: { variant: 'full', device: { name: 'Card 9000' } },
  });
  expect(plan.devices.map(({ name, kind }) => [name, kind])).toEqual([
    ['Card 9000', 'discrete-gpu'],
    ['Processor', 'cpu'],
  ]);
  expect(plan.variants.map(({ name, overlap }) => [name, overlap])).toEqual(
    expect.arrayContaining([
      ['full', 1],
      ['half', 0.98],
      ['rough', 0.5],
    ]),
  );
  for (const { name, outcome } of plan.variants)
    expect(outcome).toMatchObject({ ok: true, choice: { variant: name } });
  const other = plan.devices[1]!;
  const named = await planForWindow(context, { ...order, variant: 'rough', device: other.key });
  expect(named.outcome).toMatchObject({
    ok: true,
    choice: { variant: 'rough', device: { key: other.key }, reason: { faithfulEnough: 'no' } },
  });
});

test('a model of two channels needs a second series, and says so before anything runs', async () => {
  const { context, order, queue } = await setUp(tempDir(), [{ name: 'a' }, { name: 'b' }]);
  const plan = await planForWindow(context, order);
  expect(plan.channels).toMatchObject([
    { name: 'a', volumeId: order.volume.volumeId },
    { name: 'b', volumeId: null, candidates: [{ volumeId: order.volume.volumeId }] },
  ]);
  expect(plan.outcome).toMatchObject({ ok: false, error: { code: 'channel-mismatch', channel: 'b' } });
  await expect(queue.enqueue(order)).rejects.toThrow(AppFailure);
  const twice = { ...order, channels: { b: order.volume.volumeId } };
  await expect(queue.enqueue(twice)).rejects.toMatchObject({ error: { code: 'channel-mismatch' } });
  expect(queue.list()).toEqual([]);
});
