import type { Assembly, FrameRef } from '../../core/dicom/study.ts';
import type { Grid } from '../../core/volume/volume.ts';
import type { DecodeFramesTask, FrameTarget } from '../tasks/decode-frames.ts';
import type { SliceMix } from '../tasks/interpolate-slices.ts';

/** Small enough for smooth progress and an even load, large enough that starting a task costs nothing. */
const framesPerTask = 2;

/**
 * Shares the frames of a volume out to decode tasks. A file is read anew by each task, so the frames of a
 * multi-frame file are cut into one run a thread only.
 */
export function frameTasks(
  frames: readonly FrameRef[],
  grid: Grid,
  assembly: Assembly,
  threads: number,
): readonly DecodeFramesTask['files'][] {
  const files = new Map<string, FrameTarget[]>();
  for (const [slice, ref] of frames.entries()) {
    const target = { frame: ref.frame, slice, slope: ref.rescaleSlope, intercept: ref.rescaleIntercept };
    const shift = shiftOf(assembly, slice, grid);
    const targets = files.get(ref.file) ?? [];
    targets.push({ ...target, shift });
    files.set(ref.file, targets);
  }
  const tasks: DecodeFramesTask['files'][] = [];
  let open: DecodeFramesTask['files'][number][] = [];
  let size = 0;
  const close = () => {
    if (open.length > 0) tasks.push(open);
    open = [];
    size = 0;
  };
  for (const [path, targets] of files) {
    const run = Math.max(framesPerTask, Math.ceil(targets.length / threads));
    for (let from = 0; from < targets.length; from += run) {
      const part = targets.slice(from, from + run);
      if (size + part.length > framesPerTask) close();
      open.push({ path, frames: part });
      size += part.length;
    }
  }
  close();
  return tasks;
}

function shiftOf(assembly: Assembly, slice: number, grid: Grid): FrameTarget['shift'] {
  if (assembly.kind !== 'reshear') return null;
  const [, rowSpacingMm, columnSpacingMm] = grid.spacingZyxMm;
  return { y: assembly.shiftYMm[slice]! / rowSpacingMm, x: assembly.shiftXMm[slice]! / columnSpacingMm };
}

/** How far a position may miss a slice and still be that slice, as a share of the spacing: rounding. */
const onSlice = 1e-3;

/**
 * How even slices are mixed from slices at `positionsMm` (ascending): slice z lies at positionsMm[0] + z · spacing.
 * Positions beyond the last one take the last one.
 */
export function mixSlices(
  positionsMm: readonly number[],
  slices: number,
  spacingMm: number,
): readonly SliceMix[] {
  const last = positionsMm.length - 1;
  let below = 0;
  return Array.from({ length: slices }, (_, target) => {
    const position = positionsMm[0]! + target * spacingMm;
    while (below < last - 1 && positionsMm[below + 1]! <= position) below++;
    const from = positionsMm[below]!;
    const weight = Math.min(1, Math.max(0, (position - from) / (positionsMm[below + 1]! - from)));
    if (weight < onSlice) return { target, below, weight: 0 };
    if (weight > 1 - onSlice) return { target, below: below + 1, weight: 0 };
    return { target, below, weight };
  });
}
