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
  const lastWords = hearLastWords(child.stderr);
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
        end(describeExit(code, signal, lastWords()), signal ?? undefined),
      );
      // It could not be started at all; `close` may not follow.
      child.once('error', (error) => end(error.message));
    },
    kill: () => child.kill('SIGKILL'),
  };
}

/** What an engine finds in its environment, whatever starts it. */
export function engineEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    // onnxruntime would report its sessions to its maker (native/onnxruntime/refuse-telemetry.ts).
    ORT_DISABLE_TELEMETRY: '1',
    // CUDA would number the fastest device first; `listDevices` counts by bus address.
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    // What is given comes later and wins.
    GLIBC_TUNABLES: [...allocation, process.env['GLIBC_TUNABLES']].filter(Boolean).join(':'),
  };
}

/**
 * For Linux (glibc ≥ 2.35; nobody else reads it): a tile's activations are hundreds of megabytes that come and go.
 * Huge pages make one page fault of 512. What is as large as one is mapped by itself and given back when it is freed:
 * the heap would keep it, and find it too small for the next of its size, since onnxruntime asks for aligned memory.
 */
const allocation = [
  'glibc.malloc.hugetlb=1',
  `glibc.malloc.mmap_threshold=${2 ** 21}`,
  `glibc.malloc.trim_threshold=${2 ** 26}`,
];

/** Listens to what a child says on stderr; the answer gives the message of its uncaught error rather than the stack. */
export function hearLastWords(stderr: NodeJS.ReadableStream | null): () => string {
  let heard = '';
  stderr?.setEncoding('utf8').on('data', (text: string) => (heard = (heard + text).slice(-4000)));
  return () => {
    const lines = heard
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^(\s+at |Node\.js v)/.test(line));
    return lines.findLast((line) => /Error\b.*:/.test(line)) ?? lines.at(-1) ?? '';
  };
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
