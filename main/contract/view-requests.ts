import type { SeriesVolume } from '../core/dicom/study.ts';
import type { VoxelType } from './voxel-type.ts';

/** A DICOM volume as an engine reads it for the window. */
export interface ViewSource {
  readonly kind: 'dicom';
  readonly modality: string;
  readonly volume: SeriesVolume;
}

/** The narrowest type that holds what the headers promise. */
export interface ProbeVolume {
  readonly request: { readonly jobId: string; readonly source: ViewSource };
  readonly answer: VoxelType;
}

/** Planes [start, end) of the grid along z, modality values (HU for CT), z, y, x, little endian. */
export interface ReadPlanes {
  readonly request: {
    readonly jobId: string;
    readonly source: ViewSource;
    readonly start: number;
    readonly end: number;
    readonly voxelType: VoxelType;
  };
  /** null where a value does not fit `voxelType`: only float32 holds all. */
  readonly answer: Uint8Array | null;
}
