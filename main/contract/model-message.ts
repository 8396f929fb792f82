import type { AppError } from './app-error.ts';
import type { ModelPreview, ModelView } from './ipc/model-channels.ts';

/** What the thread that reads, stores, packs and removes models can be asked, and what it answers. */
export interface ModelRequests {
  readonly read: {
    readonly args: { readonly path: string; readonly trust: readonly string[] };
    readonly answer: ModelPreview;
  };
  /** Stores what was read last. */
  readonly store: { readonly args: null; readonly answer: ModelView };
  readonly discard: { readonly args: null; readonly answer: null };
  readonly remove: { readonly args: string; readonly answer: null };
  readonly pack: {
    readonly args: {
      readonly model: string;
      readonly variants: readonly string[];
      readonly path: string;
    };
    readonly answer: { readonly path: string; readonly sizeBytes: number };
  };
}
export type ModelRequestKind = keyof ModelRequests;

export type ToModelThread =
  | {
      [K in ModelRequestKind]: {
        readonly type: 'request';
        readonly kind: K;
        readonly args: ModelRequests[K]['args'];
      };
    }[ModelRequestKind]
  | { readonly type: 'cancel' };

export type FromModelThread =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'answer'; readonly answer: ModelRequests[ModelRequestKind]['answer'] }
  | { readonly type: 'failed'; readonly error: AppError };

/** What the thread works with: a connection to the database of its own. */
export interface ModelThreadData {
  readonly dataDir: string;
  readonly resourcesDir: string;
  readonly appVersion: string;
}
