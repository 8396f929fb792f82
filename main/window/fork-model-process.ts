import { MessageChannelMain, utilityProcess } from 'electron';
import type { FromModelProcess, ModelProcessData, ToModelProcess } from '../contract/model-message.ts';
import { hearLastWords } from '../services/fork-engine.ts';
import type { ModelProcess } from '../services/models-in-process.ts';
import { forkUtility } from './fork-utility.ts';

export interface ModelProcessOptions {
  /** Built entries. */
  readonly entry: string;
  readonly engineEntry: string;
  readonly data: ModelProcessData;
}

/** Starts the process that works with models, and for it the engines that it asks for, each with a port to it. */
export function forkModelProcess({ entry, engineEntry, data }: ModelProcessOptions): ModelProcess {
  const child = utilityProcess.fork(entry, [JSON.stringify(data)], {
    serviceName: 'Thinslice models',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const engines = new Map<number, () => void>();
  let hear: (message: FromModelProcess) => void = () => {};
  let told: (how: string) => void = () => {};
  const lastWords = hearLastWords(child.stderr);
  const send = (message: ToModelProcess): void => child.postMessage(message);

  const startEngine = (engine: number): void => {
    const { port1, port2 } = new MessageChannelMain();
    const started = forkUtility(engineEntry, port1);
    engines.set(engine, started.kill);
    started.onExit((how, signal) => {
      engines.delete(engine);
      send({ type: 'engine-ended', engine, how, signal });
    });
    child.postMessage({ type: 'engine-started', engine } satisfies ToModelProcess, [port2]);
  };
  child.on('message', (message: FromModelProcess) => {
    if (message.type === 'start-engine') startEngine(message.engine);
    else if (message.type === 'kill-engine') engines.get(message.engine)?.();
    else hear(message);
  });
  child.once('exit', (code) => {
    // Nobody is left to hear from them.
    for (const kill of engines.values()) kill();
    told(lastWords() || `exit code ${code}`);
  });
  return {
    send,
    listen: (onMessage, onExit) => {
      hear = onMessage;
      told = onExit;
    },
    kill: () => void child.kill(),
  };
}
