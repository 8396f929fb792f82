import type { Context } from '../services/context.ts';
import { getResult, loadLabelmap } from '../services/results.ts';
import { failureResponse } from './failure-response.ts';
import { parseRange, partOf, rangeRefused } from './parse-range.ts';

export function labelsPath(resultId: string): string {
  return `/labels/${encodeURIComponent(resultId)}`;
}

/** `GET /labels/RESULT`: gzip of the uint8 labels as it is stored, checked against its hash; a `Range` asks for a part. */
export function labelsRoute({ db }: Context) {
  return async (request: Request, [resultId = '']: readonly string[]): Promise<Response> => {
    try {
      const labelsGz = await loadLabelmap(db, getResult(db, resultId));
      const range = parseRange(request.headers.get('Range'), labelsGz.length);
      if (!range) return rangeRefused(labelsGz.length);
      return partOf(labelsGz.subarray(range.start, range.end), range.start, labelsGz.length);
    } catch (error) {
      return failureResponse(error);
    }
  };
}
