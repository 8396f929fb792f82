import { bytesPerVoxel, type VoxelType } from '../../contract/voxel-type.ts';
import type { PixelLayout } from '../../core/dicom/pixels/pixel-layout.ts';
import type { Rescale } from '../../core/dicom/pixels/write-modality-values.ts';

/** Voxels that every worker writes into in place, z, y, x. */
export interface VoxelStore {
  readonly kind: VoxelType;
  readonly buffer: SharedArrayBuffer;
}

export function createStore(kind: VoxelType, count: number): VoxelStore {
  return { kind, buffer: new SharedArrayBuffer(count * bytesPerVoxel[kind]) };
}

export type StoreVoxels =
  Int16Array<SharedArrayBuffer> | Uint16Array<SharedArrayBuffer> | Float32Array<SharedArrayBuffer>;

export function voxelsOf({ kind, buffer }: VoxelStore): StoreVoxels {
  switch (kind) {
    case 'int16':
      return new Int16Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'float32':
      return new Float32Array(buffer);
  }
}

/**
 * Float only where a rescale is not a whole number. Int16 is chosen although a 16-bit scan with an intercept of −1024
 * could in theory leave its range: hardly any does, and decoding says so if one does. `fill` has to fit as well.
 */
export function chooseVoxelKind(
  layout: Pick<PixelLayout, 'signed' | 'bitsStored'>,
  rescales: readonly Rescale[],
  fill: number | null,
): VoxelType {
  if (!rescales.every(({ slope, intercept }) => Number.isInteger(slope) && Number.isInteger(intercept))) {
    return 'float32';
  }
  const { signed, bitsStored } = layout;
  const storedLow = signed ? -(2 ** (bitsStored - 1)) : 0;
  const storedHigh = 2 ** (signed ? bitsStored - 1 : bitsStored) - 1;
  const ends = rescales.flatMap(({ slope, intercept }) => [
    storedLow * slope + intercept,
    storedHigh * slope + intercept,
  ]);
  const low = ends.reduce((a, b) => Math.min(a, b), fill ?? Infinity);
  const high = ends.reduce((a, b) => Math.max(a, b));
  return low >= 0 && high > 32767 && high <= 65535 ? 'uint16' : 'int16';
}
