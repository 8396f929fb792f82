import type { AppError } from './app-error.ts';
import type { VariantCosts } from './variant-recipe.ts';

/** What would keep a window waiting, and is done in a thread with a database connection of its own. */
export interface HeavyWork {
  /** Imports the bundled model, or finds that it is there; the answer is its id. */
  readonly 'bundled-model': { readonly args: null; readonly answer: string };
  /** Works out what a variant's networks cost, and stores it. */
  readonly 'variant-costs': { readonly args: string; readonly answer: VariantCosts };
}

export type HeavyKind = keyof HeavyWork;
export type HeavyOrder = { [K in HeavyKind]: { kind: K; args: HeavyWork[K]['args'] } }[HeavyKind];

/** The thread's `workerData`. */
export interface HeavyThreadData {
  readonly dataDir: string;
  readonly resourcesDir: string;
  readonly appVersion: string;
  readonly order: HeavyOrder;
}

export type FromHeavyThread =
  | { readonly type: 'answer'; readonly answer: HeavyWork[HeavyKind]['answer'] }
  | { readonly type: 'failed'; readonly error: AppError };
