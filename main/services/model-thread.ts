import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { AppFailure } from '../contract/app-error.ts';
import type {
  FromModelThread,
  ModelRequestKind,
  ModelRequests,
  ModelThreadData,
  ToModelThread,
} from '../contract/model-message.ts';
import { openDatabase } from '../db/database.ts';
import type { Context } from './context.ts';
import { modelView, previewOf } from './model-views.ts';
import { prepareImport, removeModel, type PreparedImport } from './models.ts';
import { writePack } from './pack-write.ts';

// Entry of the thread that reads, stores, packs and removes models: hundreds of megabytes that are parsed, hashed and
// written would keep a window waiting. It has a connection to the database of its own.
const { dataDir, resourcesDir, appVersion } = workerData as ModelThreadData;
const context: Context = {
  db: openDatabase(dataDir),
  startEngine: () => {
    throw new Error('No work of this thread needs an engine.');
  },
  appVersion,
  resourcesDir,
  now: () => new Date().toISOString(),
  newId: randomUUID,
};
const send = (message: FromModelThread): void => parentPort!.postMessage(message);
let prepared: PreparedImport | null = null;
let abort = new AbortController();

type Handlers = {
  readonly [K in ModelRequestKind]: (args: ModelRequests[K]['args']) => Promise<ModelRequests[K]['answer']>;
};

const handlers: Handlers = {
  read: async ({ path, trust }) => {
    await discard();
    const onProgress = (done: number, total: number): void => send({ type: 'progress', done, total });
    prepared = await prepareImport(context, path, { trust, onProgress, signal: abort.signal });
    return previewOf(path, prepared);
  },
  store: async () => {
    if (!prepared) throw new AppFailure({ code: 'usage', detail: 'No model was read.' });
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
  pack: async ({ model, variants, path }) =>
    writePack(context, model, path, { variants, signal: abort.signal }),
};

async function discard(): Promise<void> {
  await prepared?.close();
  prepared = null;
}

parentPort!.on('message', (message: ToModelThread) => {
  if (message.type === 'cancel') abort.abort();
  else void answer(message.kind, message.args);
});

async function answer<K extends ModelRequestKind>(kind: K, args: ModelRequests[K]['args']): Promise<void> {
  abort = new AbortController();
  try {
    send({ type: 'answer', answer: await handlers[kind](args) });
  } catch (error) {
    // A bug ends the thread with its stack.
    if (!(error instanceof AppFailure)) throw error;
    send({ type: 'failed', error: error.error });
  }
}
