import { randomUUID } from 'node:crypto';
import { AppFailure } from '../contract/app-error.ts';
import type {
  FromModelProcess,
  ModelProcessData,
  ModelRequestKind,
  ModelRequests,
  ModelWorkProgress,
  ToModelProcess,
} from '../contract/model-message.ts';
import { because } from '../contract/known-cause.ts';
import { asDatabaseFailure, openDatabase } from '../db/database.ts';
import { compressStoredModel } from './compress.ts';
import type { Context } from './context.ts';
import { deleteTuningsOf, deleteTuningsOfOthers } from '../db/queries/tunings.ts';
import { connectEngine } from './engine-client.ts';
import { evaluateModel } from './evaluate.ts';
import { asCompressOrder } from './ladder-order.ts';
import { modelView, previewOf } from './model-views.ts';
import { prepareImport, removeModel, type PreparedImport } from './models.ts';
import { writePack } from './pack-write.ts';
import { RemoteEngines, type EnginePort } from './remote-engines.ts';
import { defaultTuneRecipe, tuneVariant } from './tune.ts';

interface ParentPort {
  postMessage(message: FromModelProcess): void;
  on(
    event: 'message',
    listener: (event: { data: ToModelProcess; ports: readonly EnginePort[] }) => void,
  ): void;
}

// Entry of the process that works with models for the desktop app: hundreds of megabytes that are parsed, hashed, copied
// and written would keep a window waiting. It has a connection to the database of its own.
const parent = (process as unknown as { parentPort: ParentPort }).parentPort;
const { dataDir, resourcesDir, appVersion } = JSON.parse(process.argv.at(-1)!) as ModelProcessData;
const send = (message: FromModelProcess): void => parent.postMessage(message);
const engines = new RemoteEngines(send);
const context: Context = {
  db: openDatabase(dataDir),
  startEngine: () => connectEngine(engines.start()),
  appVersion,
  resourcesDir,
  now: () => new Date().toISOString(),
  newId: randomUUID,
};
let prepared: PreparedImport | null = null;
let abort = new AbortController();

type Handlers = {
  readonly [K in ModelRequestKind]: (args: ModelRequests[K]['args']) => Promise<ModelRequests[K]['answer']>;
};
const report = (progress: ModelWorkProgress): void => send({ type: 'progress', progress });

const handlers: Handlers = {
  read: async ({ path, trust }) => {
    await discard();
    const onProgress = (done: number, total: number): void => report({ done, total });
    prepared = await prepareImport(context, path, { trust, onProgress, signal: abort.signal });
    return previewOf(path, prepared);
  },
  store: async () => {
    if (!prepared) throw new AppFailure({ code: 'usage', ...because({ code: 'nothing-read' }) });
    const { id } = prepared.store();
    await discard();
    return modelView(context, id);
  },
  discard: async () => {
    await discard();
    return null;
  },
  remove: async (id) => {
    removeModel(context, id);
    return null;
  },
  compress: async (order) => {
    const options = { signal: abort.signal, onProgress: report };
    const { dropped } = await compressStoredModel(context, order.model, asCompressOrder(order), options);
    return { model: modelView(context, order.model), dropped };
  },
  evaluate: async ({ model, variant, on }) => {
    const images = on === null ? [] : [on];
    const order = { model, on: images, channels: {}, variants: [variant], device: 'auto', threads: 0 };
    await evaluateModel(context, order, {
      signal: abort.signal,
      onProgress: report,
      onStep: ({ number, total, variant: name }) => report({ step: { number, total, name } }),
    });
    return modelView(context, model);
  },
  tune: async ({ id, order: { minutes, ...order } }) => {
    deleteTuningsOfOthers(context.db, id);
    const work = { ...order, recipe: { ...defaultTuneRecipe, minutes }, threads: 0, orderId: id };
    const { variant, images, folds } = await tuneVariant(context, work, {
      signal: abort.signal,
      onProgress: report,
      onStep: ({ number, total, variant: name }) => report({ step: { number, total, name } }),
    });
    const sum = (of: 'steps' | 'seconds') => folds.reduce((total, fold) => total + fold[of], 0);
    const diverged = folds.some((fold) => fold.diverged);
    return { variant, images, steps: sum('steps'), seconds: sum('seconds'), diverged };
  },
  'forget-tuning': async (id) => {
    deleteTuningsOf(context.db, id);
    return null;
  },
  pack: async ({ model, variants, path }) =>
    writePack(context, model, path, { variants, signal: abort.signal }),
};

async function discard(): Promise<void> {
  await prepared?.close();
  prepared = null;
}

parent.on('message', ({ data, ports }) => {
  switch (data.type) {
    case 'cancel':
      return abort.abort();
    case 'engine-started':
      return engines.started(data.engine, ports[0]!);
    case 'engine-ended':
      return engines.ended(data.engine, data.how, data.signal);
    case 'request':
      return void answer(data.kind, data.args);
  }
});

async function answer<K extends ModelRequestKind>(kind: K, args: ModelRequests[K]['args']): Promise<void> {
  abort = new AbortController();
  try {
    send({ type: 'answer', answer: await handlers[kind](args) });
  } catch (caught) {
    const error = asDatabaseFailure(caught, context.db.name);
    if (error instanceof AppFailure) return send({ type: 'failed', error: error.error });
    // A bug ends the process with its stack; Electron would let a rejection pass.
    queueMicrotask(() => {
      throw error;
    });
  }
}
