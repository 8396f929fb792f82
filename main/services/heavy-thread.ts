import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { AppFailure } from '../contract/app-error.ts';
import type { FromHeavyThread, HeavyOrder, HeavyThreadData } from '../contract/heavy-work.ts';
import { openDatabase } from '../db/database.ts';
import { insertBlob } from '../db/queries/blobs.ts';
import type { Context } from './context.ts';
import { defaultModel, findVariantById } from './models.ts';
import { getResult, loadLabelmap } from './results.ts';
import { costsOf } from './variant-costs.ts';

// Entry of the thread that does one piece of heavy work for the window, and ends.
const { dataDir, resourcesDir, appVersion, order } = workerData as HeavyThreadData;
const send = (message: FromHeavyThread, transfer: ArrayBuffer[] = []): void =>
  parentPort!.postMessage(message, transfer);
const db = openDatabase(dataDir);
const context: Context = {
  db,
  startEngine: () => {
    throw new Error('No work of this thread needs an engine.');
  },
  appVersion,
  resourcesDir,
  now: () => new Date().toISOString(),
  newId: randomUUID,
};

try {
  const answer = await work(order);
  send({ type: 'answer', answer }, answer instanceof Uint8Array ? [answer.buffer as ArrayBuffer] : []);
} catch (error) {
  // A bug ends the thread with its stack.
  if (!(error instanceof AppFailure)) throw error;
  send({ type: 'failed', error: error.error });
} finally {
  db.close();
}

async function work({
  kind,
  args,
}: HeavyOrder): Promise<Extract<FromHeavyThread, { type: 'answer' }>['answer']> {
  switch (kind) {
    case 'bundled-model':
      return (await defaultModel(context)).id;
    case 'variant-costs': {
      const { model, variant } = findVariantById(db, args);
      return costsOf(context, model.recipe, variant);
    }
    case 'read-labelmap':
      return loadLabelmap(context, getResult(db, args));
    case 'store-blob':
      insertBlob(db, args);
      return null;
  }
}
