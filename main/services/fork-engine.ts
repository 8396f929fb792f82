import { fork } from 'node:child_process';
import type { FromEngine } from '../contract/engine-protocol.ts';
import type { EngineProcess } from './engine-client.ts';

/** Starts the engine as a child process of Node (the command line's way). `entry` is the built engine's path. */
export function forkEngine(entry: string): EngineProcess {
  // Its own process group would outlive Ctrl-C in the terminal; the parent turns Ctrl-C into `cancel` instead.
  const child = fork(entry, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
    env: engineEnvironment(),
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
  return {
    send: (message) => child.connected && child.send(message, () => {}),
    onMessage: (listener) => child.on('message', (message) => listener(message as FromEngine)),
    onExit: (listener) => {
      let ended = false;
      const end = (how: string, signal?: string): void => {
        if (!ended) listener(how, signal);
        ended = true;
      };
      child.once('close', (code, signal) =>
        end(describeExit(code, signal, lastWords(stderr)), signal ?? undefined),
      );
      // It could not be started at all; `close` may not follow.
      child.once('error', (error) => end(error.message));
    },
    kill: () => child.kill('SIGKILL'),
  };
}

/** What an engine finds in its environment, whatever starts it. */
export function engineEnvironment(): NodeJS.ProcessEnv {
  // CUDA would number the fastest device first; `listDevices` counts by bus address.
  return { ...process.env, CUDA_DEVICE_ORDER: 'PCI_BUS_ID' };
}

/** The message of an uncaught error rather than its stack. */
export function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !/^(\s+at |Node\.js v)/.test(line));
  return lines.findLast((line) => /Error\b.*:/.test(line)) ?? lines.at(-1) ?? '';
}

function describeExit(code: number | null, signal: string | null, words: string): string {
  const how =
    signal === 'SIGKILL'
      ? 'killed (SIGKILL; often for want of memory)'
      : signal
        ? `killed (${signal})`
        : `exit code ${code}`;
  return words === '' ? how : `${how}: ${words}`;
}
