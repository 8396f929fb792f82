import { voxelCount } from '../../volume/volume.ts';
import type { Grid, Labelmap } from '../../volume/volume.ts';
import { parseUpToPixels } from '../pixels/parse-up-to-pixels.ts';
import { text } from '../read/decode-text.ts';
import { items, number, string } from '../read/element-set.ts';
import type { ElementSet } from '../read/element-set.ts';
import { readFrameGroups } from './frame-groups.ts';
import type { FrameGroups } from './frame-groups.ts';
import { placeFrames } from './place-frames.ts';
import { openSegFrames } from './seg-frames.ts';
import { SegFormatError } from './seg-format-error.ts';

export interface SegSegment {
  readonly number: number;
  readonly label: string;
}

export interface Segmentation {
  /** Values are segment numbers; where segments overlap, that of the later frame. */
  readonly labelmap: Labelmap;
  readonly overlappingVoxels: number;
  readonly segments: readonly SegSegment[];
  readonly frameOfReferenceUid: string;
}

/** More voxels than any labelmap of ours: a hostile file may claim a plane every micrometre. */
const maxVoxels = 2 ** 30;

/**
 * Reads a DICOM SEG, BINARY or LABELMAP, into a labelmap (PS3.3 section A.51; Supplement 243). Planes without a frame are
 * background. The grid spans the planes that have frames, or is `onto`, on whose planes the frames then have to lie.
 * Pixels may be native, RLE or deflated. Throws SegFormatError, and PixelDataError for damaged files.
 */
export function readSeg(bytes: Uint8Array, onto?: Grid): Segmentation {
  const file = parseUpToPixels(bytes);
  const { dataSet } = file;
  const type = string(dataSet, 'x00620001');
  if (type !== 'BINARY' && type !== 'LABELMAP') {
    throw new SegFormatError(`segmentation type ${type || 'missing'} is not BINARY or LABELMAP`);
  }
  const frames = openSegFrames(file, type === 'BINARY' ? 1 : 8);
  const groups = readFrameGroups(dataSet, frames.count);
  const { grid, planes } = placeFrames(groups, frames, onto);
  if (voxelCount(grid.shapeZyx) > maxVoxels) {
    throw new SegFormatError(`${grid.shapeZyx.join(' x ')} voxels are more than a labelmap holds`);
  }
  const segments = readSegments(dataSet, type);
  const labels = new Uint8Array(voxelCount(grid.shapeZyx));
  const size = frames.rows * frames.columns;
  let overlappingVoxels = 0;
  planes.forEach((plane, frame) => {
    const target = labels.subarray(plane * size, (plane + 1) * size);
    if (type === 'LABELMAP') target.set(frames.bytes(frame));
    else overlappingVoxels += paint(target, frames.bits(frame), segmentOf(groups, frame, segments));
  });
  return {
    labelmap: { labels, grid },
    overlappingVoxels,
    segments,
    frameOfReferenceUid: string(dataSet, 'x00200052'),
  };
}

/** Sets the pixels of one bit frame; returns how many had a label before. */
function paint(target: Uint8Array, bits: { bytes: Uint8Array; firstBit: number }, number: number): number {
  const { bytes, firstBit } = bits;
  let covered = 0;
  for (let pixel = 0; pixel < target.length; pixel++) {
    const bit = firstBit + pixel;
    if (((bytes[bit >>> 3]! >>> (bit & 7)) & 1) === 0) continue;
    if (target[pixel] !== 0) covered++;
    target[pixel] = number;
  }
  return covered;
}

function readSegments(dataSet: ElementSet, type: 'BINARY' | 'LABELMAP'): SegSegment[] {
  const segments = items(dataSet, 'x00620002').map((item) => ({
    number: number(item, 'x00620004', 'US') ?? -1,
    label: text(item, 'x00620005', 'LO'),
  }));
  const lowest = type === 'BINARY' ? 1 : 0;
  const wrong = segments.find((segment) => segment.number < lowest || segment.number > 255);
  if (wrong) throw new SegFormatError(`segment number ${wrong.number} does not fit a labelmap of 8 bits`);
  // In a label map 0 is background, described only because every pixel value has to be.
  return segments.filter((segment) => segment.number !== 0);
}

function segmentOf(groups: FrameGroups, frame: number, segments: readonly SegSegment[]): number {
  const segment = groups.first(frame, 'x0062000a', (item) => number(item, 'x0062000b', 'US'));
  if (segment === null)
    throw new SegFormatError(`frame ${frame + 1} does not say to which segment it belongs`);
  if (segments.some((described) => described.number === segment)) return segment;
  throw new SegFormatError(`frame ${frame + 1} belongs to segment ${segment}, which is not described`);
}
