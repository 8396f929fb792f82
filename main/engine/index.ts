import { listProviders } from '../../native/onnxruntime/list-providers.ts';
import { AppFailure, type AppError } from '../contract/app-error.ts';
import type { AnswerOf, FromEngine, RequestKind, RequestOf, ToEngine } from '../contract/engine-protocol.ts';
import { checkDevice } from './check-device.ts';
import { compareLabels, readReference } from './compare-labels.ts';
import { compressNetworks } from './compress-networks.ts';
import { exportResult } from './export-result.ts';
import { FreshLabels } from './fresh-labels.ts';
import { inspectMachine } from './inspect-machine.ts';
import { measureEdit } from './measure-edit.ts';
import { createPool, type Pool } from './pool.ts';
import { connectPort, type Send } from './port.ts';
import { probeVolume, readPlanes } from './read-planes.ts';
import { runSegmentJob } from './segment-job.ts';
import { answerTrain } from './learn/answer-train.ts';
import { answerTune } from './learn/answer-tune.ts';
import { timeNetwork } from './time-network.ts';

interface RequestContext {
  readonly pool: Pool;
  readonly signal: AbortSignal;
  readonly send: Send;
  readonly fresh: FreshLabels;
}

type Handlers = {
  readonly [K in RequestKind]: (request: RequestOf<K>, context: RequestContext) => Promise<AnswerOf<K>>;
};

const handlers: Handlers = {
  segment: runSegmentJob,
  export: exportResult,
  compress: compressNetworks,
  tune: answerTune,
  train: answerTrain,
  'inspect-machine': inspectMachine,
  'check-device': checkDevice,
  'time-network': timeNetwork,
  'read-labelmap': readReference,
  compare: compareLabels,
  'probe-volume': probeVolume,
  'read-planes': readPlanes,
  'measure-edit': measureEdit,
};

// The process that owns onnxruntime: one job at a time, messages in and out (contract/engine-protocol.ts).
const port = connectPort();
const pool = createPool();
const fresh = new FreshLabels();
let current: { readonly jobId: string; readonly abort: AbortController } | null = null;

port.onMessage((message) => void receive(message));
// Nobody is left to answer: finished slabs are with the parent's database, the rest is repeated on resume.
port.onClose(() => process.exit(0));
void port.send({ type: 'ready', providers: listProviders() });

async function receive(message: ToEngine): Promise<void> {
  switch (message.type) {
    case 'cancel':
      if (current?.jobId === message.jobId) current.abort.abort();
      return;
    case 'shutdown':
      // Worker threads that have nothing to do end with the process; others are waited for.
      if (current) await pool.destroy();
      process.exit(0);
      break;
    case 'request':
      return answer(message.kind, message.request);
  }
}

async function answer<K extends RequestKind>(kind: K, request: RequestOf<K>): Promise<void> {
  const { jobId } = request;
  const abort = new AbortController();
  const { signal } = abort;
  current = { jobId, abort };
  try {
    // Only an export that follows at once has use for them.
    if (kind !== 'export') fresh.take(undefined);
    const answer = await handlers[kind](request, { pool, signal, send: port.send, fresh });
    // Not waited for: the next request may come before word that this has left, and is the current one then.
    void port.send({ type: 'answer', kind, jobId, answer } as FromEngine);
  } catch (error) {
    void port.send({
      type: 'failed',
      jobId,
      error: signal.aborted ? { code: 'cancelled' } : asAppError(error),
    });
  } finally {
    current = null;
  }
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppFailure) return error.error;
  // A bug: end the process with its stack, so that the parent reports it and the job can be resumed.
  queueMicrotask(() => {
    throw error;
  });
  return { code: 'engine-died', detail: (error as Error).message ?? String(error) };
}
