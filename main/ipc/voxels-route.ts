import { AppFailure } from '../contract/app-error.ts';
import { describeError } from '../contract/describe-error.ts';
import { voxelTypes } from '../contract/ipc/study-channels.ts';
import type { Context } from '../services/context.ts';
import type { ViewEngine } from '../services/view-engine.ts';
import { findSource, readPlanes, type VolumeRef } from '../services/volumes.ts';

export function voxelsPath({ studyUid, volumeId }: VolumeRef): string {
  return `/voxels/${encodeURIComponent(studyUid)}/${encodeURIComponent(volumeId)}`;
}

const bytesPerVoxel = { int16: 2, uint16: 2, float32: 4 } as const;

/**
 * `GET /voxels/STUDY/VOLUME?type=int16` with a `Range` of whole planes (RFC 9110, 14.2): 206 and the voxels, z, y, x; 416
 * for a range that is not of whole planes or is outside; 409 where the voxels need another type (float32 holds all).
 */
export function voxelsRoute(context: Context, engine: ViewEngine) {
  return async (request: Request, [studyUid = '', volumeId = '']: readonly string[]): Promise<Response> => {
    try {
      const ref = { studyUid, volumeId };
      const { grid } = findSource(context.db, ref).source.volume;
      const voxelType = voxelTypes.find((type) => type === new URL(request.url).searchParams.get('type'));
      if (!grid || !voxelType) return new Response('No such voxels', { status: 400 });
      const [slices, rows, columns] = grid.shapeZyx;
      const planeBytes = rows * columns * bytesPerVoxel[voxelType];
      const totalBytes = slices * planeBytes;
      const range = parseRange(request.headers.get('Range'), totalBytes);
      if (!range || range.start % planeBytes !== 0 || range.end % planeBytes !== 0) {
        return new Response('', { status: 416, headers: { 'Content-Range': `bytes */${totalBytes}` } });
      }
      const planes = { start: range.start / planeBytes, end: range.end / planeBytes, voxelType };
      const voxels = await readPlanes(context, engine, ref, planes, request.signal);
      if (!voxels) return new Response('The voxels do not fit the type', { status: 409 });
      return new Response(voxels as Uint8Array<ArrayBuffer>, {
        status: 206,
        headers: {
          'Content-Type': 'application/octet-stream',
          'Content-Length': String(voxels.length),
          'Content-Range': `bytes ${range.start}-${range.end - 1}/${totalBytes}`,
        },
      });
    } catch (error) {
      if (!(error instanceof AppFailure)) throw error;
      return Response.json(error.error, {
        status: 404,
        statusText: error.error.code,
        headers: { 'X-Words': encodeURIComponent(describeError(error.error)) },
      });
    }
  };
}

/** One range `bytes=a-b` as [start, end); all where there is none; null where it is something else or outside. */
export function parseRange(header: string | null, totalBytes: number): { start: number; end: number } | null {
  if (header === null) return { start: 0, end: totalBytes };
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header);
  if (!match) return null;
  const start = Number(match[1]);
  const end = match[2] === '' ? totalBytes : Math.min(totalBytes, Number(match[2]) + 1);
  return start < end ? { start, end } : null;
}
