import type { Context } from '../services/context.ts';
import { largestLabelsGz, saveEditedVersion } from '../services/edited-versions.ts';
import { getResult, loadLabelmap } from '../services/results.ts';
import type { ViewEngine } from '../services/view-engine.ts';
import { failureResponse } from './failure-response.ts';
import { parseRange, partOf, rangeRefused } from './parse-range.ts';
import { readBody } from './read-body.ts';

export function labelsPath(resultId: string): string {
  return `/labels/${encodeURIComponent(resultId)}`;
}

/**
 * `GET /labels/RESULT`: gzip of the uint8 labels as it is stored, checked against its hash; a `Range` asks for a part.
 * `PUT /labels/RESULT` with the gzip of edited labels stores them as a new version, whose id is answered as JSON.
 */
export function labelsRoute(context: Context, engine: ViewEngine) {
  return async (request: Request, [resultId = '']: readonly string[]): Promise<Response> => {
    try {
      if (request.method === 'PUT') return await putLabels(context, engine, request, resultId);
      if (request.method !== 'GET') return new Response('Not allowed', { status: 405 });
      return await getLabels(context, request, resultId);
    } catch (error) {
      return failureResponse(error);
    }
  };
}

async function getLabels(context: Context, request: Request, resultId: string): Promise<Response> {
  const labelsGz = await loadLabelmap(context, getResult(context.db, resultId));
  const range = parseRange(request.headers.get('Range'), labelsGz.length);
  if (!range) return rangeRefused(labelsGz.length);
  return partOf(labelsGz.subarray(range.start, range.end), range.start, labelsGz.length);
}

async function putLabels(
  context: Context,
  engine: ViewEngine,
  request: Request,
  resultId: string,
): Promise<Response> {
  const limit = largestLabelsGz(getResult(context.db, resultId));
  const labelsGz = await readBody(request, limit);
  if (!labelsGz) return new Response('Too large', { status: 413 });
  const { id } = await saveEditedVersion(context, engine, resultId, labelsGz);
  return Response.json({ id }, { status: 201 });
}
