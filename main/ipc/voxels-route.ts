import { bytesPerVoxel, voxelTypes } from '../contract/voxel-type.ts';
import type { Context } from '../services/context.ts';
import { keepSources } from '../services/keep-sources.ts';
import type { ViewEngine } from '../services/view-engine.ts';
import { readPlanes } from '../services/volumes.ts';
import { failureResponse } from './failure-response.ts';
import { parseRange, partOf, rangeRefused } from './parse-range.ts';

/**
 * `GET /voxels/STUDY/VOLUME?type=int16` with a `Range` of whole planes (RFC 9110, 14.2): 206 and the voxels, z, y, x; 416
 * for a range that is not of whole planes or is outside; 409 where the voxels need another type (float32 holds all).
 */
export function voxelsRoute(context: Context, engine: ViewEngine) {
  const sourceOf = keepSources(context);
  return async (request: Request, [studyUid = '', volumeId = '']: readonly string[]): Promise<Response> => {
    try {
      const source = sourceOf({ studyUid, volumeId });
      const { grid } = source.volume;
      const voxelType = voxelTypes.find((type) => type === new URL(request.url).searchParams.get('type'));
      if (!grid || !voxelType) return new Response('No such voxels', { status: 400 });
      const [slices, rows, columns] = grid.shapeZyx;
      const planeBytes = rows * columns * bytesPerVoxel[voxelType];
      const totalBytes = slices * planeBytes;
      const range = parseRange(request.headers.get('Range'), totalBytes);
      if (!range || range.start % planeBytes !== 0 || range.end % planeBytes !== 0) {
        return rangeRefused(totalBytes);
      }
      const planes = { start: range.start / planeBytes, end: range.end / planeBytes, voxelType };
      const voxels = await readPlanes(engine, source, planes, request.signal);
      if (!voxels) return new Response('The voxels do not fit the type', { status: 409 });
      return partOf(voxels, range.start, totalBytes);
    } catch (error) {
      return failureResponse(error);
    }
  };
}
