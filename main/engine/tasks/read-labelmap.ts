import { fail, ok } from '../../contract/app-error.ts';
import type { Result } from '../../contract/app-error.ts';
import { readSeg } from '../../core/dicom/seg/read-seg.ts';
import { SegFormatError } from '../../core/dicom/seg/seg-format-error.ts';
import { matchGrid } from '../../core/volume/match-grid.ts';
import { denseView, orientView } from '../../core/volume/strided-view.ts';
import { voxelCount } from '../../core/volume/volume.ts';
import type { Grid, Volume } from '../../core/volume/volume.ts';
import { withInputFile } from '../decode/read-input-file.ts';
import { loadNifti } from './load-nifti.ts';

export interface ReadLabelmapTask {
  readonly path: string;
  /** Of the image, on which the labelmap has to lie. */
  readonly grid: Grid;
  readonly frameOfReferenceUid: string;
  readonly values: readonly number[];
  /** A NIfTI file whose voxels need more memory than this is refused before any of it is allocated. */
  readonly maxBytes: number;
}

/** Why a labelmap cannot be compared with anything made of the image. */
class UnfitLabelmap extends Error {}

/**
 * Reads a labelmap, NIfTI by its file name and DICOM SEG otherwise, into shared uint8 labels in the order of `grid`.
 * Answers `reference-refused` where it lies on another grid or has other values than those given.
 */
export async function readLabelmap(task: ReadLabelmapTask): Promise<Result<Uint8Array>> {
  const { path } = task;
  try {
    const read = /\.nii(\.gz)?$/i.test(path) ? await fromNifti(task) : await fromSeg(task);
    if (read.ok || read.error.code !== 'input-refused') return read;
    return fail({ code: 'reference-refused', path, detail: read.error.detail });
  } catch (error) {
    if (!(error instanceof UnfitLabelmap) && !(error instanceof SegFormatError)) throw error;
    return fail({ code: 'reference-refused', path, detail: error.message });
  }
}

async function fromNifti(task: ReadLabelmapTask): Promise<Result<Uint8Array>> {
  const read = await loadNifti(task);
  return read.ok ? ok(onGrid(read.value, task)) : read;
}

function onGrid({ voxels, grid }: Volume, task: ReadLabelmapTask): Uint8Array {
  const orientation = matchGrid(grid, task.grid);
  if (!orientation) {
    const sizes = [grid, task.grid].map(({ shapeZyx }) => shapeZyx.toReversed().join(' × '));
    const detail = sizes[0] === sizes[1] ? 'it lies elsewhere in the patient' : `it has ${sizes[0]} voxels`;
    throw new UnfitLabelmap(`${detail}, and the image lies on a grid of ${sizes[1]}; resample it first`);
  }
  const { offset, strides, shape } = orientView(denseView(grid.shapeZyx), orientation);
  const [depth, rows, columns] = shape;
  const [dz, dy, dx] = strides;
  const known = tableOf(task.values);
  const labels = sharedLabels(task.grid);
  let at = 0;
  let found = false;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < rows; y++) {
      let from = offset + z * dz + y * dy;
      for (let x = 0; x < columns; x++, from += dx) {
        const value = voxels[from];
        // What is not a whole number from 0 to 255 is not in the table at all.
        if (known[value] !== 1) throw unknownValue(value, task.values);
        found ||= value !== 0;
        labels[at++] = value;
      }
    }
  }
  if (!found) throw nothingFound();
  return labels;
}

function fromSeg(task: ReadLabelmapTask): Promise<Result<Uint8Array>> {
  return withInputFile(task.path, (bytes) => {
    const { labelmap, overlappingVoxels, frameOfReferenceUid } = readSeg(bytes, task.grid);
    const frames = [frameOfReferenceUid, task.frameOfReferenceUid];
    if (frames[0] !== frames[1] && !frames.includes('')) {
      throw new UnfitLabelmap('it is in another frame of reference than the image');
    }
    if (overlappingVoxels > 0) {
      const detail = `its segments overlap in ${overlappingVoxels} voxels, and a voxel has one label here`;
      throw new UnfitLabelmap(detail);
    }
    const known = tableOf(task.values);
    const unknown = labelmap.labels.find((value) => known[value] !== 1);
    if (unknown !== undefined) throw unknownValue(unknown, task.values);
    if (labelmap.labels.every((value) => value === 0)) throw nothingFound();
    const labels = sharedLabels(task.grid);
    labels.set(labelmap.labels);
    return labels;
  });
}

/** 1 at the values that may occur. */
function tableOf(values: readonly number[]): Uint8Array {
  const known = new Uint8Array(256);
  known[0] = 1;
  for (const value of values) known[value] = 1;
  return known;
}

function unknownValue(value: number, values: readonly number[]): UnfitLabelmap {
  const range = `${Math.min(...values)} to ${Math.max(...values)}`;
  return new UnfitLabelmap(`it has a voxel of value ${value}, and the model’s labels are ${range}`);
}

function nothingFound(): UnfitLabelmap {
  return new UnfitLabelmap('it holds none of the model’s labels');
}

function sharedLabels({ shapeZyx }: Grid): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(voxelCount(shapeZyx)));
}
