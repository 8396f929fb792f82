import { utilityProcess, type MessagePortMain } from 'electron';
import type { FromEngine } from '../contract/engine-protocol.ts';
import type { EngineProcess } from '../services/engine-client.ts';
import { engineEnvironment, hearLastWords } from '../services/fork-engine.ts';

/**
 * Starts the engine as a utility process of Electron. `entry` is the built engine's path. Where a port is given, the engine
 * answers the process at its other end.
 */
export function forkUtility(entry: string, port?: MessagePortMain): EngineProcess {
  const child = utilityProcess.fork(entry, [], {
    serviceName: 'Thinslice engine',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: engineEnvironment(),
  });
  if (port) child.postMessage(null, [port]);
  const lastWords = hearLastWords(child.stderr);
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => child.on('message', (message) => listener(message as FromEngine)),
    onExit: (listener) => {
      child.once('exit', (code) => {
        const signal = signalOf(code);
        const how = signal ? `killed (${signal})` : `exit code ${code}`;
        const words = lastWords();
        listener(words === '' ? how : `${how}: ${words}`, signal);
      });
    },
    kill: () => {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    },
  };
}

/** Electron gives no signal, but on POSIX systems the wait status, or 128 and more, as the code. */
function signalOf(code: number): string | undefined {
  const names: Readonly<Record<number, string>> = { 5: 'SIGTRAP', 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV' };
  if (process.platform === 'win32') return undefined;
  return names[code > 128 ? code - 128 : code];
}
