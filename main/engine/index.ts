import { listProviders } from '../../native/onnxruntime/list-providers.ts';
import { AppFailure, type AppError } from '../contract/app-error.ts';
import type { ToEngine } from '../contract/engine-protocol.ts';
import { compressNetworks } from './compress-networks.ts';
import { exportResult } from './export-result.ts';
import { createPool } from './pool.ts';
import { connectPort } from './port.ts';
import { runSegmentJob } from './segment-job.ts';

// The process that owns onnxruntime: one job at a time, messages in and out (contract/engine-protocol.ts).
const port = connectPort();
const pool = createPool();
let current: { readonly jobId: string; readonly abort: AbortController } | null = null;

port.onMessage((message) => void receive(message));
// Nobody is left to answer: finished slabs are with the parent's database, the rest is repeated on resume.
port.onClose(() => process.exit(0));
port.send({ type: 'ready', providers: listProviders() });

async function receive(message: ToEngine): Promise<void> {
  switch (message.type) {
    case 'cancel':
      if (current?.jobId === message.jobId) current.abort.abort();
      return;
    case 'shutdown':
      await pool.destroy();
      process.exit(0);
      break;
    case 'segment':
      return answer(message.request.jobId, async (signal) => {
        const outcome = await runSegmentJob(message.request, { pool, signal, send: port.send });
        port.send({ type: 'segmented', jobId: message.request.jobId, outcome });
      });
    case 'compress':
      return answer(message.request.jobId, async (signal) => {
        const variants = await compressNetworks(message.request, { pool, signal, send: port.send });
        port.send({ type: 'compressed', jobId: message.request.jobId, variants });
      });
    case 'export':
      return answer(message.request.jobId, async (signal) => {
        const files = await exportResult(message.request, { pool, signal });
        port.send({ type: 'exported', jobId: message.request.jobId, files });
      });
  }
}

async function answer(jobId: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const abort = new AbortController();
  current = { jobId, abort };
  try {
    await work(abort.signal);
  } catch (error) {
    port.send({
      type: 'failed',
      jobId,
      error: abort.signal.aborted ? { code: 'cancelled' } : asAppError(error),
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
