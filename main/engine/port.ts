import type { FromEngine, ToEngine } from '../contract/engine-protocol.ts';

/** The engine's end of the wire to the process that started it. */
export interface Port {
  readonly send: (message: FromEngine) => void;
  readonly onMessage: (listener: (message: ToEngine) => void) => void;
  /** The other end is gone: nobody waits for an answer any more. */
  readonly onClose: (listener: () => void) => void;
}

interface UtilityPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: ToEngine }) => void): void;
}

/** Connects to the parent: Electron's `utilityProcess` where there is one, `child_process.fork` otherwise. */
export function connectPort(): Port {
  const utility = (process as unknown as { parentPort?: UtilityPort }).parentPort;
  if (utility) {
    return {
      send: (message) => utility.postMessage(message),
      onMessage: (listener) => utility.on('message', (event) => listener(event.data)),
      // Chromium ends a utility process with its parent.
      onClose: () => {},
    };
  }
  if (!process.send) throw new Error('The engine is started by Thinslice, not by hand.');
  return {
    // The parent may have been killed: a message to nobody is no error here, `disconnect` follows.
    send: (message) => process.connected && process.send?.(message, undefined, {}, () => {}),
    onMessage: (listener) => process.on('message', (message) => listener(message as ToEngine)),
    onClose: (listener) => process.on('disconnect', listener),
  };
}
