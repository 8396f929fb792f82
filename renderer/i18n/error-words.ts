import type { AppError } from '../../main/contract/app-error.ts';
import { describeError } from '../../main/contract/describe-error.ts';

/** An error in the language of the window. */
export function wordsOf(error: AppError): string {
  return describeError(error);
}
