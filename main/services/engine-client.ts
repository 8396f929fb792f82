import { AppFailure, type AppError } from '../contract/app-error.ts';
import type {
  CompressedVariant,
  CompressRequest,
  ExportedFile,
  ExportRequest,
  FromEngine,
  Progress,
  SegmentOutcome,
  SegmentRequest,
  Slab,
  ToEngine,
} from '../contract/engine-protocol.ts';

/** A started engine, whatever started it: `child_process.fork` here, Electron's `utilityProcess` in the desktop app. */
export interface EngineProcess {
  readonly send: (message: ToEngine) => void;
  readonly onMessage: (listener: (message: FromEngine) => void) => void;
  /** Called once, with a few words on how it ended. */
  readonly onExit: (listener: (how: string) => void) => void;
  readonly kill: () => void;
}

export interface JobListener {
  readonly onProgress: (progress: Progress) => void;
  readonly onSlab: (slab: Slab) => void;
}

export interface EngineClient {
  readonly segment: (
    request: SegmentRequest,
    listener: JobListener,
    signal?: AbortSignal,
  ) => Promise<SegmentOutcome>;
  readonly export: (request: ExportRequest, signal?: AbortSignal) => Promise<readonly ExportedFile[]>;
  readonly compress: (
    request: CompressRequest,
    onProgress: JobListener['onProgress'],
    signal?: AbortSignal,
  ) => Promise<readonly CompressedVariant[]>;
  readonly close: () => Promise<void>;
}

type Answer = Extract<FromEngine, { type: 'segmented' | 'exported' | 'compressed' }>;

interface Waiting {
  readonly jobId: string;
  readonly listener: JobListener | null;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** How long an engine that was told to end may take over it. */
const patienceMs = 5000;

/** Talks to one engine: one request at a time, each answered, failed, cancelled or ended by the engine's death. */
export function connectEngine(engine: EngineProcess): EngineClient {
  let waiting: Waiting | null = null;
  let ended: string | null = null;
  let onEnded: () => void = () => {};

  const settle = (jobId: string, act: (each: Waiting) => void): void => {
    if (waiting?.jobId !== jobId) return;
    const each = waiting;
    waiting = null;
    act(each);
  };
  const failAll = (error: AppError): void => {
    if (waiting) settle(waiting.jobId, (each) => each.reject(new AppFailure(error)));
  };
  /** A listener that fails (the disk is full) ends the request: nobody else would catch what it throws. */
  const tell = (jobId: string, act: (listener: JobListener) => void): void => {
    if (waiting?.jobId !== jobId || !waiting.listener) return;
    try {
      act(waiting.listener);
    } catch (error) {
      settle(jobId, (each) => each.reject(error));
    }
  };

  engine.onMessage((message) => {
    switch (message.type) {
      case 'ready':
        return;
      case 'progress':
        return tell(message.jobId, (listener) => listener.onProgress(message.progress));
      case 'slab':
        return tell(message.jobId, (listener) => listener.onSlab(message.slab));
      case 'failed':
        return settle(message.jobId, (each) => each.reject(new AppFailure(message.error)));
      case 'segmented':
      case 'exported':
      case 'compressed':
        return settle(message.jobId, (each) => each.resolve(message));
    }
  });
  engine.onExit((how) => {
    ended = how;
    failAll({ code: 'engine-died', detail: how });
    onEnded();
  });

  const ask = (
    message: ToEngine & { request: { jobId: string } },
    listener: JobListener | null,
    signal?: AbortSignal,
  ) =>
    new Promise<Answer>((resolve, reject) => {
      const { jobId } = message.request;
      if (signal?.aborted) return reject(new AppFailure({ code: 'cancelled' }));
      if (ended !== null) return reject(new AppFailure({ code: 'engine-died', detail: ended }));
      if (waiting) throw new Error('The engine does one job at a time.');
      const cancel = () => engine.send({ type: 'cancel', jobId });
      signal?.addEventListener('abort', cancel, { once: true });
      const done = () => signal?.removeEventListener('abort', cancel);
      waiting = {
        jobId,
        listener,
        resolve: (answer) => (done(), resolve(answer)),
        reject: (error) => (done(), reject(error)),
      };
      engine.send(message);
    });

  return {
    segment: async (request, listener, signal) => {
      const answer = await ask({ type: 'segment', request }, listener, signal);
      if (answer.type !== 'segmented') throw new Error(`segment was answered by ${answer.type}`);
      return answer.outcome;
    },
    export: async (request, signal) => {
      const answer = await ask({ type: 'export', request }, null, signal);
      if (answer.type !== 'exported') throw new Error(`export was answered by ${answer.type}`);
      return answer.files;
    },
    compress: async (request, onProgress, signal) => {
      const answer = await ask({ type: 'compress', request }, { onProgress, onSlab: () => {} }, signal);
      if (answer.type !== 'compressed') throw new Error(`compress was answered by ${answer.type}`);
      return answer.variants;
    },
    close: () =>
      new Promise((resolve) => {
        if (ended !== null) return resolve();
        // Nobody waits for what it may still be at: a failed listener ends a request in the middle of a tile.
        const patience = setTimeout(engine.kill, patienceMs);
        onEnded = () => (clearTimeout(patience), resolve());
        engine.send({ type: 'shutdown' });
      }),
  };
}
