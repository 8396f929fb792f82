import { DicomWriteError } from '../../core/dicom/write/dicom-write-error.ts';
import type { SegInput } from '../../core/dicom/seg/seg-input.ts';
import { writeRtStruct } from '../../core/dicom/rtstruct/write-rtstruct.ts';
import type { LabelMeasurement } from '../../core/segment/6-measure/measurement.ts';
import { writeStl } from '../../core/stl/write-stl.ts';
import { meshVolume } from '../../core/surface/mesh.ts';
import { boxOfBounds, labelSurface } from '../../core/surface/label-surface.ts';
import type { Labelmap } from '../../core/volume/volume.ts';

/** The pieces of an RT Structure Set, or why there is none; the labels lie in shared memory. */
export function traceRtStruct({
  input,
  measurements,
}: {
  readonly input: SegInput;
  readonly measurements: readonly LabelMeasurement[];
}): readonly Uint8Array[] | { readonly refused: string } {
  try {
    return writeRtStruct(input, measurements);
  } catch (error) {
    // Its class would not outlive the way to the other thread.
    if (!(error instanceof DicomWriteError)) throw error;
    return { refused: error.message };
  }
}

/** Part of a label's volume that its surface has to enclose. */
const leastVolume = 0.7;

function voxelMm3({ grid: { spacingZyxMm } }: Labelmap): number {
  return spacingZyxMm[0] * spacingZyxMm[1] * spacingZyxMm[2];
}

/** The surface of one label as a binary STL file, LPS, mm. */
export function surfaceStl({
  labelmap,
  value,
  bounds,
  voxels,
  comment,
}: {
  readonly labelmap: Labelmap;
  readonly value: number;
  readonly bounds: NonNullable<LabelMeasurement['boundsZyx']>;
  readonly voxels: number;
  readonly comment: string;
}): Uint8Array {
  const box = boxOfBounds(bounds);
  const smooth = labelSurface(labelmap, value, box);
  // What is as thin as its voxels would be smoothed away.
  const isThere = meshVolume(smooth) >= leastVolume * voxels * voxelMm3(labelmap);
  return writeStl(isThere ? smooth : labelSurface(labelmap, value, box, { smoothing: 0 }), comment);
}
