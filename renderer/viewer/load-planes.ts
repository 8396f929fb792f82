import { AppFailure, type AppError } from '../../main/contract/app-error.ts';
import type { VoxelType } from '../../main/contract/voxel-type.ts';
import type { PlaneRange } from './load-order.ts';

export type PlaneVoxels = Int16Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

export const voxelArrays = { int16: Int16Array, uint16: Uint16Array, float32: Float32Array } as const;

/** The voxels do not fit the type that was asked for: only float32 holds all (status 409 of the voxel route). */
export class VoxelTypeTooNarrow extends Error {
  constructor() {
    super('The voxels need float32.');
    this.name = 'VoxelTypeTooNarrow';
  }
}

export interface PlaneSource {
  readonly voxelsUrl: string;
  readonly voxelType: VoxelType;
  readonly voxelsPerPlane: number;
}

/**
 * Asks for the ranges in turn, `atOnce` of them under way, and hands over each plane (z, y, x order inside) as it comes.
 * Throws VoxelTypeTooNarrow, AppFailure as reading the files does, and the DOM's AbortError once `signal` is aborted.
 */
export async function loadPlanes(
  source: PlaneSource,
  ranges: readonly PlaneRange[],
  onPlane: (plane: number, voxels: PlaneVoxels) => void,
  { signal, atOnce = 2 }: { readonly signal: AbortSignal; readonly atOnce?: number },
): Promise<void> {
  const abort = new AbortController();
  const either = AbortSignal.any([signal, abort.signal]);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < ranges.length) {
      const range = ranges[next++]!;
      const voxels = await fetchPlanes(source, range, either);
      for (let plane = range.start; plane < range.end; plane++) {
        const from = (plane - range.start) * source.voxelsPerPlane;
        onPlane(plane, voxels.subarray(from, from + source.voxelsPerPlane));
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    abort.abort(); // One that failed ends the others.
  }
}

async function fetchPlanes(
  { voxelsUrl, voxelType, voxelsPerPlane }: PlaneSource,
  { start, end }: PlaneRange,
  signal: AbortSignal,
): Promise<PlaneVoxels> {
  const Voxels = voxelArrays[voxelType];
  const planeBytes = voxelsPerPlane * Voxels.BYTES_PER_ELEMENT;
  const response = await fetch(`${voxelsUrl}?type=${voxelType}`, {
    headers: { Range: `bytes=${start * planeBytes}-${end * planeBytes - 1}` },
    signal,
  });
  if (response.status === 409) throw new VoxelTypeTooNarrow();
  // Expected failures come as JSON (main/ipc/failure-response.ts).
  if (response.status === 404 || response.status === 422) {
    throw new AppFailure((await response.json()) as AppError);
  }
  if (response.status !== 206) throw new Error(`${voxelsUrl} answered ${response.status}`);
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength !== (end - start) * planeBytes)
    throw new Error(`${voxelsUrl} answered too few voxels`);
  return new Voxels(bytes);
}
