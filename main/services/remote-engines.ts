import type { FromEngine, ToEngine } from '../contract/engine-protocol.ts';
import type { FromModelProcess } from '../contract/model-message.ts';
import type { EngineProcess } from './engine-client.ts';

/** Electron's MessagePortMain, as far as it is used here. */
export interface EnginePort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  start(): void;
  close(): void;
}

interface RemoteEngine {
  readonly started: (port: EnginePort) => void;
  readonly ended: (how: string, signal: string | undefined) => void;
}

/**
 * Engines that another process starts and ends, which only Electron's main process can do, while all that is said goes
 * through a port between the two: networks of hundreds of megabytes pass the main process by.
 */
export class RemoteEngines {
  readonly #engines = new Map<number, RemoteEngine>();
  readonly #say: (message: FromModelProcess) => void;
  #last = 0;

  constructor(say: (message: FromModelProcess) => void) {
    this.#say = say;
  }

  start(): EngineProcess {
    const id = ++this.#last;
    let port: EnginePort | null = null;
    const waiting: ToEngine[] = [];
    const onMessage: ((message: FromEngine) => void)[] = [];
    const onExit: ((how: string, signal?: string) => void)[] = [];
    this.#engines.set(id, {
      started: (arrived) => {
        port = arrived;
        port.on('message', ({ data }) => {
          for (const listener of onMessage) listener(data as FromEngine);
        });
        port.start();
        for (const message of waiting) port.postMessage(message);
      },
      ended: (how, signal) => {
        port?.close();
        this.#engines.delete(id);
        for (const listener of onExit) listener(how, signal);
      },
    });
    this.#say({ type: 'start-engine', engine: id });
    return {
      send: (message) => (port ? port.postMessage(message) : void waiting.push(message)),
      onMessage: (listener) => onMessage.push(listener),
      onExit: (listener) => onExit.push(listener),
      kill: () => this.#say({ type: 'kill-engine', engine: id }),
    };
  }

  started(id: number, port: EnginePort): void {
    this.#engines.get(id)?.started(port);
  }

  ended(id: number, how: string, signal: string | undefined): void {
    this.#engines.get(id)?.ended(how, signal);
  }
}
