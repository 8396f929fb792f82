import { z } from 'zod';
import type { AppError } from '../app-error.ts';
import type { Learning, Stage } from '../engine-protocol.ts';
import { invoke, notify } from './channel.ts';

const name = z.string().min(1).max(200);
/** Study folders or NIfTI files. */
const paths = z.array(z.string().min(1).max(4096)).max(100);

/** A variant that is to learn from the full network. Where nothing is held out, a quarter of `on`, at least one, is. */
export const tuningOrder = z
  .object({
    model: name,
    variant: name,
    on: paths.min(1),
    holdOut: paths,
    minutes: z
      .number()
      .positive()
      .max(7 * 24 * 60),
  })
  .strict();
export type TuningOrder = z.infer<typeof tuningOrder>;

/** The one tuning that there is at a time: it can be paused, also over an end of the program. */
export const tuningChannels = {
  'tuning.get': invoke<TuningView | null>()(z.void()),
  /** In place of one that is done or failed. */
  'tuning.start': invoke<void>()(tuningOrder),
  /** Ends the step, and with it all computing; nothing is lost. */
  'tuning.pause': invoke<void>()(z.void()),
  /** After a pause or a failure. */
  'tuning.goOn': invoke<void>()(z.void()),
  /** Takes it away with all that was learnt, also when it is done. */
  'tuning.discard': invoke<void>()(z.void()),
  'tuning.changed': notify<TuningView | null>(),
} as const;

/**
 * `waiting`: for segmentations, which come first. `paused` has an error where no person did it: it can go on all the same.
 */
export const tuningStates = ['running', 'waiting', 'paused', 'failed', 'done'] as const;
export type TuningState = (typeof tuningStates)[number];

export interface TuningView {
  readonly id: string;
  readonly order: TuningOrder;
  readonly state: TuningState;
  /** What it was told to do as soon as its step ends. */
  readonly ending: 'pause' | 'wait' | 'discard' | null;
  /** null before the first news of the engine. */
  readonly stage: Stage | null;
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number | null;
  /** Of the segmentations by which it is judged in the end. */
  readonly step: { readonly number: number; readonly total: number; readonly name: string } | null;
  readonly learning: Learning | null;
  readonly outcome: TuningOutcome | null;
  readonly error: AppError | null;
}

export interface TuningOutcome {
  /** The new variant; null where it was no better on what was held out. */
  readonly variant: string | null;
  /** Of each image held out: mean Dice over its labels with the full network. */
  readonly images: readonly { readonly name: string; readonly before: number; readonly after: number }[];
  /** Over all folds. */
  readonly steps: number;
  readonly seconds: number;
  /** The loss became no number, and what counts is from before. */
  readonly diverged: boolean;
}
