import type { Result } from '../../contract/app-error.ts';
import { ok } from '../../contract/app-error.ts';
import { openPixelData } from '../../core/dicom/pixels/open-pixel-data.ts';
import { PixelDataError } from '../../core/dicom/pixels/pixel-data-error.ts';
import { shiftSlice } from '../../core/dicom/pixels/shift-slice.ts';
import { writeModalityValues } from '../../core/dicom/pixels/write-modality-values.ts';
import type { Rescale } from '../../core/dicom/pixels/write-modality-values.ts';
import { decodeFrame } from '../decode/decode-frame.ts';
import { withInputFile } from '../decode/read-input-file.ts';
import { voxelsOf } from '../decode/voxel-store.ts';
import type { StoreVoxels, VoxelStore } from '../decode/voxel-store.ts';

/** One frame of a file and the slice of the volume it becomes. */
export interface FrameTarget extends Rescale {
  readonly frame: number;
  readonly slice: number;
  /** Moves the image along its rows and columns, in pixels (gantry tilt); null leaves it where it is. */
  readonly shift: { readonly y: number; readonly x: number } | null;
}

export interface DecodeFramesTask {
  readonly files: readonly { readonly path: string; readonly frames: readonly FrameTarget[] }[];
  readonly store: VoxelStore;
  /** Of one slice of the store. */
  readonly rows: number;
  readonly columns: number;
  /** Value of what a shifted image leaves empty. */
  readonly outside: number;
}

/**
 * Decodes frames straight into their slices of the shared volume, as modality values. False if a value that is not
 * padding does not fit into the store's integers: its slice is then wrong, and the volume has to become float.
 */
export async function decodeFrames(task: DecodeFramesTask): Promise<Result<boolean>> {
  const voxels = voxelsOf(task.store);
  let fits = true;
  for (const { path, frames } of task.files) {
    const result = await withInputFile(path, async (bytes) => {
      const pixels = openPixelData(bytes);
      for (const frame of frames) {
        const samples = await decodeFrame(pixels, frame.frame);
        const { rows, columns } = pixels.layout;
        const offset = frame.slice * task.rows * task.columns;
        if (!frame.shift) {
          if (rows !== task.rows || columns !== task.columns) {
            throw new PixelDataError(
              `${columns} × ${rows} pixels in a series of ${task.columns} × ${task.rows}`,
            );
          }
          fits &&= writeModalityValues(samples, pixels.layout, frame, voxels, offset);
          continue;
        }
        const slice = new (voxels.constructor as new (length: number) => StoreVoxels)(rows * columns);
        fits &&= writeModalityValues(samples, pixels.layout, frame, slice, 0);
        const target = { voxels, offset, rows: task.rows, columns: task.columns };
        shiftSlice({ voxels: slice, offset: 0, rows, columns }, target, frame.shift, task.outside);
      }
    });
    if (!result.ok) return result;
    // The volume is decoded again as float; the rest of this task would be wasted.
    if (!fits) return ok(false);
  }
  return ok(fits);
}
