import type { z } from 'zod';

/** A question of the window to the main process. `args` is checked there: a renderer is not trusted. */
export interface Invoke<Args, Answer> {
  readonly kind: 'invoke';
  readonly args: z.ZodType<Args>;
  /** Only a type: what the main process answers needs no check. */
  readonly answer?: Answer;
}

/** News from the main process to the window. */
export interface Notify<T> {
  readonly kind: 'notify';
  readonly value?: T;
}

export function invoke<Answer>(): <Args>(args: z.ZodType<Args>) => Invoke<Args, Answer> {
  return (args) => ({ kind: 'invoke', args });
}

export function notify<T>(): Notify<T> {
  return { kind: 'notify' };
}

export type IpcSchema = Readonly<Record<string, Invoke<never, unknown> | Notify<unknown>>>;
