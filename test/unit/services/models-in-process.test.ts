import { expect, test, vi } from 'vitest';
import type { FromModelProcess, ToModelProcess } from '../../../main/contract/model-message.ts';
import { modelsInProcess, type ModelProcess } from '../../../main/services/models-in-process.ts';

/** Processes that say what the test has them say. */
function setUp() {
  const started: {
    readonly sent: ToModelProcess[];
    readonly say: (message: FromModelProcess) => void;
    readonly exit: () => void;
    isKilled: boolean;
  }[] = [];
  const start = (): ModelProcess => {
    let hear: (message: FromModelProcess) => void = () => {};
    let end: (how: string) => void = () => {};
    const sent: ToModelProcess[] = [];
    const each = {
      sent,
      say: (message: FromModelProcess) => hear(message),
      exit: () => end('gone'),
      isKilled: false,
    };
    started.push(each);
    return {
      send: (message) => sent.push(message),
      listen: (onMessage, onExit) => ([hear, end] = [onMessage, onExit]),
      kill: () => (each.isKilled = true),
    };
  };
  return { started, models: modelsInProcess(start) };
}

const answer = { type: 'answer', answer: null } as FromModelProcess;

test('what was read is refused while a tuning runs, which goes on', async () => {
  const { started, models } = setUp();
  const read = models.ask('read', { path: '/m', trust: [] });
  await vi.waitFor(() => expect(started).toHaveLength(1));
  started[0]!.say(answer);
  await read;
  const forgotten = models.ask('forget-tuning', 'one');
  await vi.waitFor(() => expect(started).toHaveLength(2));
  const discarded = models.ask('discard', null);
  await vi.waitFor(() => expect(started[0]!.sent).toHaveLength(2));
  started[0]!.say(answer);
  await discarded;
  expect(started.map(({ isKilled }) => isKilled)).toEqual([true, false]);
  started[1]!.say(answer);
  expect(await forgotten).toBeNull();
});

test('of two orders at once each gets its own answer, also where the first process dies', async () => {
  const { started, models } = setUp();
  const first = models.ask('remove', 'a');
  const second = models.ask('remove', 'b');
  await vi.waitFor(() => expect(started).toHaveLength(1));
  expect(started[0]!.sent).toEqual([{ type: 'request', kind: 'remove', args: 'a' }]);
  started[0]!.exit();
  await expect(first).rejects.toMatchObject({ error: { code: 'engine-died', detail: 'gone' } });
  await vi.waitFor(() => expect(started).toHaveLength(2));
  expect(started[1]!.sent).toEqual([{ type: 'request', kind: 'remove', args: 'b' }]);
  started[1]!.say(answer);
  expect(await second).toBeNull();
});
