import { AppFailure } from '../contract/app-error.ts';

/** What the file system says as `output-failed`; anything else as it is. */
export function asOutputFailure(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (!code || !syscall) return error;
  return new AppFailure({ code: 'output-failed', path, detail: code });
}
