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
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
  return {
    send: (message) => child.connected && child.send(message, () => {}),
    onMessage: (listener) => child.on('message', (message) => listener(message as FromEngine)),
    onExit: (listener) =>
      child.once('close', (code, signal) =>
        listener(describeExit(code, signal, stderr.trim().split('\n').at(-1))),
      ),
    kill: () => child.kill('SIGKILL'),
  };
}

function describeExit(code: number | null, signal: string | null, lastWords = ''): string {
  const how =
    signal === 'SIGKILL'
      ? 'killed (SIGKILL; often for want of memory)'
      : signal
        ? `killed (${signal})`
        : `exit code ${code}`;
  return lastWords === '' ? how : `${how}: ${lastWords}`;
}
