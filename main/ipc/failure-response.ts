import { AppFailure } from '../contract/app-error.ts';

/** An expected failure as a response whose body is the AppError; a bug is thrown on. */
export function failureResponse(error: unknown): Response {
  if (!(error instanceof AppFailure)) throw error;
  return Response.json(error.error, { status: error.error.code === 'not-found' ? 404 : 422 });
}
