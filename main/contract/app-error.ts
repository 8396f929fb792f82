import type { Refusal } from '../core/choose/choice.ts';
import type { SelfCheckFailure } from '../core/devices/self-check.ts';
import type { FileProblem } from '../core/dicom/file-flaw.ts';
import type { GeometryVerdict } from '../core/dicom/study.ts';
import type { KnownCause } from './known-cause.ts';

/**
 * What can go wrong and a person can act on. Data only: `describe-error.ts` turns a code into words.
 * `detail` is the cause in a few plain words, as the code that found it put it, or the bare code of a system error
 * (ENOENT, SQLITE_FULL).
 */
export type AppError =
  | ({ readonly code: 'usage' } & Caused)
  | { readonly code: 'input-unreadable'; readonly path: string; readonly detail: string }
  | ({ readonly code: 'input-refused'; readonly path: string } & Caused)
  /** Of learning. */
  | { readonly code: 'recipe-refused'; readonly path: string; readonly detail: string }
  /** A labelmap that results were to be compared with. */
  | { readonly code: 'reference-refused'; readonly path: string; readonly detail: string }
  | {
      readonly code: 'no-images';
      readonly path: string;
      readonly filesSkipped: number;
      /** The first of the DICOM files that could not be used, if there were any. */
      readonly problem?: FileProblem | undefined;
    }
  | { readonly code: 'series-not-found'; readonly path: string; readonly series: string }
  | {
      readonly code: 'geometry-refused';
      readonly path?: string;
      readonly series: string;
      readonly findings: string;
      /** The same as data, for a window in another language. */
      readonly verdict?: GeometryVerdict | undefined;
      /** The first of the DICOM files beside it that could not be used: the slice that is missing, often. */
      readonly problem?: FileProblem | undefined;
    }
  | ({ readonly code: 'channel-mismatch'; readonly channel: string } & Caused)
  | { readonly code: 'model-not-found'; readonly model: string }
  | { readonly code: 'model-refused'; readonly path: string; readonly detail: string }
  | { readonly code: 'model-corrupt'; readonly model: string; readonly detail: string }
  | {
      readonly code: 'device-failed';
      readonly device: string;
      readonly detail: string;
      /** What is wrong with its output, where that is what gave it away. */
      readonly fault?: SelfCheckFailure | undefined;
    }
  /** Nothing on this computer can do it, or nothing that is good enough. */
  | {
      readonly code: 'nothing-to-choose';
      readonly reason: Refusal['code'];
      readonly detail: string;
      /** The same as data, for a window in another language. */
      readonly refusal?: Refusal | undefined;
    }
  /** `signal`: what the system ended it with, if that is how it ended. */
  | { readonly code: 'engine-died'; readonly detail: string; readonly signal?: string | undefined }
  | ({ readonly code: 'out-of-memory'; readonly device: string } & Caused)
  /** `resultId`: the result whose export failed or was cancelled. */
  | {
      readonly code: 'output-failed';
      readonly path: string;
      readonly detail: string;
      readonly resultId?: string;
    }
  | { readonly code: 'database-unusable'; readonly path: string; readonly detail: string }
  | { readonly code: 'not-found'; readonly what: string; readonly id: string }
  | { readonly code: 'cancelled'; readonly resultId?: string }
  /** A fault of the program's own, where it does not end it: a window lives on after one. */
  | { readonly code: 'bug'; readonly detail: string };

interface Caused {
  readonly detail: string;
  /** The same as data, where it is one of those that a window says in its own language. */
  readonly cause?: KnownCause | undefined;
}

export type AppErrorCode = AppError['code'];

export type Result<T, E = AppError> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function fail<E = AppError>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/** Carries an AppError through code that has no better way to return it; caught only at a process or service edge. */
export class AppFailure extends Error {
  readonly error: AppError;
  constructor(error: AppError) {
    super(JSON.stringify(error));
    this.name = 'AppFailure';
    this.error = error;
  }
}
