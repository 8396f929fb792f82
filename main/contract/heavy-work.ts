import type { AppError } from './app-error.ts';
import type { StoredBlob } from './stored-blob.ts';
import type { VariantCosts } from './variant-recipe.ts';

/** What would keep a window waiting, and is done in a thread with a database connection of its own. */
export interface HeavyWork {
  /** Imports the bundled model, or finds that it is there; the answer is its id. */
  readonly 'bundled-model': { readonly args: null; readonly answer: string };
  /** Works out what a variant's networks cost, and stores it. */
  readonly 'variant-costs': { readonly args: string; readonly answer: VariantCosts };
  /** Reads the labels of a result (its id), gzip, and checks them against their hash. */
  readonly 'read-labelmap': { readonly args: string; readonly answer: Uint8Array };
  /** Writes a blob and waits for the disk. */
  readonly 'store-blob': { readonly args: StoredBlob; readonly answer: null };
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
