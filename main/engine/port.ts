import type { FromEngine, ToEngine } from '../contract/engine-protocol.ts';

/** Ends when the message has left; who blocks the thread before that keeps it back. */
export type Send = (message: FromEngine) => void | Promise<void>;

/** The engine's end of the wire to the process that started it. */
export interface Port {
  readonly send: Send;
  readonly onMessage: (listener: (message: ToEngine) => void) => void;
  /** The other end is gone: nobody waits for an answer any more. */
  readonly onClose: (listener: () => void) => void;
}

interface MessagePort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: ToEngine }) => void): void;
  on(event: 'close', listener: () => void): void;
  start(): void;
}

interface UtilityPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: ToEngine; ports?: readonly MessagePort[] }) => void): void;
}

/** Connects to the parent: Electron's `utilityProcess` where there is one, `child_process.fork` otherwise. */
export function connectPort(): Port {
  const utility = (process as unknown as { parentPort?: UtilityPort }).parentPort;
  if (utility) return connectUtility(utility);
  if (!process.send) throw new Error('The engine is started by Thinslice, not by hand.');
  return {
    // The parent may have been killed: a message to nobody is no error here, `disconnect` follows.
    send: (message) =>
      new Promise((resolve) => {
        if (process.connected) process.send!(message, undefined, {}, () => resolve());
        else resolve();
      }),
    onMessage: (listener) => process.on('message', (message) => listener(message as ToEngine)),
    onClose: (listener) => process.on('disconnect', listener),
  };
}

/** Answers the main process, or whoever is at the other end of a port that it hands over with its first message. */
function connectUtility(utility: UtilityPort): Port {
  let answer: Pick<UtilityPort, 'postMessage'> = utility;
  let hear: (message: ToEngine) => void = () => {};
  let closed = (): void => {};
  utility.on('message', ({ data, ports: [port] = [] }) => {
    if (!port) return hear(data);
    answer = port;
    port.on('message', (event) => hear(event.data));
    port.on('close', () => closed());
    port.start();
  });
  return {
    // Chromium carries it by a thread of its own.
    send: async (message) => answer.postMessage(message),
    onMessage: (listener) => (hear = listener),
    // Chromium ends a utility process with the main process; the one at a port may end before.
    onClose: (listener) => (closed = listener),
  };
}
