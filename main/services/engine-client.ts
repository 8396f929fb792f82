import { AppFailure, type AppError } from '../contract/app-error.ts';
import type {
  AnswerOf,
  FromEngine,
  Progress,
  RequestKind,
  RequestOf,
  Slab,
  ToEngine,
} from '../contract/engine-protocol.ts';
import type { TuneCheckpoint } from '../contract/tune-request.ts';

/** A started engine, whatever started it: `child_process.fork` here, Electron's `utilityProcess` in the desktop app. */
export interface EngineProcess {
  readonly send: (message: ToEngine) => void;
  readonly onMessage: (listener: (message: FromEngine) => void) => void;
  /** Called once, with a few words on how it ended, and the signal where one ended it. */
  readonly onExit: (listener: (how: string, signal?: string) => void) => void;
  readonly kill: () => void;
}

/** What an engine says while it is at a request. */
export interface RequestOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly onSlab?: ((slab: Slab) => void) | undefined;
  readonly onCheckpoint?: ((checkpoint: TuneCheckpoint) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EngineClient {
  /** One request at a time. Throws AppFailure: what the engine says, `cancelled`, `engine-died`. */
  readonly ask: <K extends RequestKind>(
    kind: K,
    request: RequestOf<K>,
    options?: RequestOptions,
  ) => Promise<AnswerOf<K>>;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly jobId: string;
  readonly kind: RequestKind;
  readonly options: RequestOptions;
  readonly resolve: (answer: unknown) => void;
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
  const tell = (jobId: string, act: (options: RequestOptions) => void): void => {
    if (waiting?.jobId !== jobId) return;
    try {
      act(waiting.options);
    } catch (error) {
      settle(jobId, (each) => each.reject(error));
    }
  };

  engine.onMessage((message) => {
    switch (message.type) {
      case 'ready':
        return;
      case 'progress':
        return tell(message.jobId, ({ onProgress }) => onProgress?.(message.progress));
      case 'slab':
        return tell(message.jobId, ({ onSlab }) => onSlab?.(message.slab));
      case 'checkpoint':
        return tell(message.jobId, ({ onCheckpoint }) => onCheckpoint?.(message.checkpoint));
      case 'failed':
        return settle(message.jobId, (each) => each.reject(new AppFailure(message.error)));
      case 'answer':
        return settle(message.jobId, (each) => {
          if (each.kind === message.kind) each.resolve(message.answer);
          else each.reject(new Error(`${each.kind} was answered by ${message.kind}`));
        });
    }
  });
  engine.onExit((how, signal) => {
    ended = how;
    failAll({ code: 'engine-died', detail: how, signal });
    onEnded();
  });

  return {
    ask: (kind, request, options = {}) =>
      new Promise((resolve, reject) => {
        const { jobId } = request;
        const { signal } = options;
        if (signal?.aborted) return reject(new AppFailure({ code: 'cancelled' }));
        if (ended !== null) return reject(new AppFailure({ code: 'engine-died', detail: ended }));
        if (waiting) throw new Error('The engine does one job at a time.');
        const cancel = () => engine.send({ type: 'cancel', jobId });
        signal?.addEventListener('abort', cancel, { once: true });
        const done = () => signal?.removeEventListener('abort', cancel);
        waiting = {
          jobId,
          kind,
          options,
          resolve: (answer) => (done(), resolve(answer as AnswerOf<typeof kind>)),
          reject: (error) => (done(), reject(error)),
        };
        engine.send({ type: 'request', kind, request } as ToEngine);
      }),
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
