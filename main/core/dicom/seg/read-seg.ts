import type { DataSet } from 'dicom-parser';
import { voxelCount } from '../../volume/volume.ts';
import type { Grid, Labelmap } from '../../volume/volume.ts';
import { parseUpToPixels } from '../pixels/parse-up-to-pixels.ts';
import { placeFrames } from './place-frames.ts';
import { frameReader } from './seg-frames.ts';
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
  const { dataSet, transferSyntaxUid } = parseUpToPixels(bytes);
  const type = dataSet.string('x00620001');
  if (type !== 'BINARY' && type !== 'LABELMAP') {
    throw new SegFormatError(`segmentation type ${type ?? 'missing'} is not BINARY or LABELMAP`);
  }
  const frames = frameReader(dataSet, transferSyntaxUid, type === 'BINARY' ? 1 : 8);
  const { grid, planes } = placeFrames(dataSet, frames, onto);
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
    else overlappingVoxels += paint(target, frames.bits(frame), segmentOf(dataSet, frame, segments));
  });
  return {
    labelmap: { labels, grid },
    overlappingVoxels,
    segments,
    frameOfReferenceUid: dataSet.string('x00200052') ?? '',
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

function readSegments(dataSet: DataSet, type: 'BINARY' | 'LABELMAP'): SegSegment[] {
  const items = dataSet.elements['x00620002']?.items ?? [];
  const segments = items.map(({ dataSet: item }) => ({
    number: item?.uint16('x00620004') ?? -1,
    label: utf8(item, 'x00620005'),
  }));
  const lowest = type === 'BINARY' ? 1 : 0;
  const wrong = segments.find(({ number }) => number < lowest || number > 255);
  if (wrong) throw new SegFormatError(`segment number ${wrong.number} does not fit a labelmap of 8 bits`);
  // In a label map 0 is background, described only because every pixel value has to be.
  return segments.filter(({ number }) => number !== 0);
}

function segmentOf(dataSet: DataSet, frame: number, segments: readonly SegSegment[]): number {
  const groups = [
    dataSet.elements['x52009230']?.items?.[frame]?.dataSet,
    dataSet.elements['x52009229']?.items?.[0]?.dataSet,
  ];
  for (const group of groups) {
    const number = group?.elements['x0062000a']?.items?.[0]?.dataSet?.uint16('x0062000b');
    if (number === undefined) continue;
    if (!segments.some((segment) => segment.number === number)) {
      throw new SegFormatError(`frame ${frame + 1} belongs to segment ${number}, which is not described`);
    }
    return number;
  }
  throw new SegFormatError(`frame ${frame + 1} does not say to which segment it belongs`);
}

function utf8(dataSet: DataSet | undefined, tag: string): string {
  const element = dataSet?.elements[tag];
  if (!dataSet || !element) return '';
  const bytes = dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  return new TextDecoder().decode(bytes).trim();
}
