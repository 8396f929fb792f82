import type { AppError } from './app-error.ts';
import type { Learning } from './engine-protocol.ts';
import type { LadderOrder, LadderReport, ModelPreview, ModelView, ModelWork } from './ipc/model-channels.ts';
import type { TuningOrder, TuningOutcome } from './ipc/tuning-channels.ts';

/** What the process that works with models can be asked, and what it answers. */
export interface ModelRequests {
  readonly read: {
    readonly args: { readonly path: string; readonly trust: readonly string[] };
    readonly answer: ModelPreview;
  };
  /** Stores what was read last. */
  readonly store: { readonly args: null; readonly answer: ModelView };
  readonly discard: { readonly args: null; readonly answer: null };
  readonly remove: { readonly args: string; readonly answer: null };
  readonly compress: { readonly args: LadderOrder; readonly answer: LadderReport };
  readonly evaluate: {
    readonly args: { readonly model: string; readonly variant: string; readonly on: string | null };
    readonly answer: ModelView;
  };
  /** Goes on from the checkpoint that the order left, if there is one; cancelled, it leaves one. */
  readonly tune: {
    readonly args: { readonly id: string; readonly order: TuningOrder };
    readonly answer: TuningOutcome;
  };
  /** Takes away the checkpoints of the order of that id. */
  readonly 'forget-tuning': { readonly args: string; readonly answer: null };
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
export type ModelWorkProgress = Partial<
  Pick<ModelWork, 'stage' | 'done' | 'total' | 'secondsLeft' | 'step'>
> & { readonly learning?: Learning | undefined };

export type ToModelProcess =
  | {
      [K in ModelRequestKind]: {
        readonly type: 'request';
        readonly kind: K;
        readonly args: ModelRequests[K]['args'];
      };
    }[ModelRequestKind]
  | { readonly type: 'cancel' }
  /** With the other end of the engine's port. */
  | { readonly type: 'engine-started'; readonly engine: number }
  | {
      readonly type: 'engine-ended';
      readonly engine: number;
      readonly how: string;
      readonly signal?: string | undefined;
    };

export type FromModelProcess =
  | { readonly type: 'progress'; readonly progress: ModelWorkProgress }
  | { readonly type: 'answer'; readonly answer: ModelRequests[ModelRequestKind]['answer'] }
  | { readonly type: 'failed'; readonly error: AppError }
  | { readonly type: 'start-engine'; readonly engine: number }
  | { readonly type: 'kill-engine'; readonly engine: number };

/** What the process works with, as its one argument: a connection to the database of its own. */
export interface ModelProcessData {
  readonly dataDir: string;
  readonly resourcesDir: string;
  readonly appVersion: string;
}
