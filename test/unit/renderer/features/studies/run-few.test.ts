import { expect, test } from 'vitest';
import { runFew } from '../../../../../renderer/features/studies/run-few.ts';

const { signal } = new AbortController();

/** Tasks that end when they are told to. */
function tasks() {
  const started: string[] = [];
  const ends = new Map<string, { resolve: (name: string) => void; reject: (error: Error) => void }>();
  const task = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      started.push(name);
      ends.set(name, { resolve, reject });
    });
  return { started, task, end: (name: string) => ends.get(name)!.resolve(name), ends };
}

/** After all that is due has run. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test('some run at a time; then the one that was asked for last goes first', async () => {
  const { started, task, end } = tasks();
  const run = runFew(2);
  const all = ['a', 'b', 'c', 'd'].map((name) => run(task(name), signal));
  expect(started).toEqual(['a', 'b']);
  end('b');
  await settled();
  expect(started).toEqual(['a', 'b', 'd']);
  end('a');
  await settled();
  expect(started).toEqual(['a', 'b', 'd', 'c']);
  end('c');
  end('d');
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
});

test('what nobody wants any more is never begun', async () => {
  const { started, task, end } = tasks();
  const run = runFew(1);
  const abort = new AbortController();
  const first = run(task('a'), signal);
  const unwanted = run(task('b'), abort.signal);
  const last = run(task('c'), signal);
  abort.abort();
  expect(await unwanted).toBeUndefined();
  expect(await run(task('d'), abort.signal)).toBeUndefined();
  end('a');
  await first;
  await settled();
  end('c');
  await last;
  expect(started).toEqual(['a', 'c']);
});

test('one that fails makes room too', async () => {
  const { started, task, end, ends } = tasks();
  const run = runFew(1);
  const failing = run(task('a'), signal);
  const next = run(task('b'), signal);
  ends.get('a')!.reject(new Error('no'));
  await expect(failing).rejects.toThrow('no');
  await settled();
  end('b');
  await next;
  expect(started).toEqual(['a', 'b']);
});
