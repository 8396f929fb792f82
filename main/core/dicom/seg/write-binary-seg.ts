import type { Labelmap } from '../../volume/volume.ts';
import type { ModelLabel } from '../../model/segmentation-model.ts';
import { EncodedItem } from '../write/data-set.ts';
import { DicomWriteError } from '../write/dicom-write-error.ts';
import { encodeDataSet } from '../write/encode-data-set.ts';
import { streamFile } from '../write/encode-file.ts';
import type { DicomFile } from '../write/encode-file.ts';
import { describeSegment } from './describe-segments.ts';
import { planeGroups } from './plane-groups.ts';
import { binarySegClass, segDataSet } from './seg-data-set.ts';
import type { SegInput } from './seg-input.ts';

/**
 * A DICOM SEG of type BINARY: one bit a pixel, one frame for each plane and each label that occurs on it. Segments
 * are the labels that occur, numbered from 1 in the model's order (PS3.3 section C.8.20.4: numbers have
 * no gaps). Frames lie plane by plane, so that the labelmap is read in order, once, whatever the
 * number of labels; bits are packed across frames (PS3.5 section 8.1.1). Throws DicomWriteError.
 */
export function writeBinarySeg(input: SegInput): DicomFile {
  const { labelmap, algorithm } = input;
  const [planes, rows, columns] = labelmap.grid.shapeZyx;
  const present = labelsOnPlanes(labelmap);
  const segments = occurringLabels(input.labels, present);
  const numbers = new Map(segments.map((label, index) => [label.value, index + 1]));
  // A labelmap without any label still makes a valid object: one empty frame of the first segment.
  if (segments.length === 1 && !present.some((set) => set.length > 0)) present[0] = [segments[0]!.value];

  const groups = planeGroups(input);
  // Index values of a dimension start from 1 without gaps (PS3.3 section C.7.6.17): empty planes do not count.
  let position = 0;
  const frames = present.flatMap((values, plane) => {
    if (values.length > 0) position++;
    return values.map((value) => {
      const number = numbers.get(value);
      if (number === undefined) throw new DicomWriteError(`label ${value} has no description`);
      return new EncodedItem(
        encodeDataSet({
          DerivationImageSequence: [groups[plane]!.derivation],
          FrameContentSequence: [{ DimensionIndexValues: [position, number] }],
          PlanePositionSequence: [groups[plane]!.position],
          SegmentIdentificationSequence: [{ ReferencedSegmentNumber: number }],
        }),
      );
    });
  });
  const dataSet = segDataSet(input, {
    sopClassUid: binarySegClass,
    segmentationType: 'BINARY',
    bits: 1,
    seriesNumberOffset: 1000,
    segments: segments.map((label, index) => describeSegment(label, index + 1, algorithm)),
    frames,
    dimensions: [
      { pointer: 'ImagePositionPatient', group: 'PlanePositionSequence' },
      { pointer: 'ReferencedSegmentNumber', group: 'SegmentIdentificationSequence' },
    ],
  });
  const pixelBytes = Math.ceil((frames.length * rows * columns) / 8);
  return streamFile(dataSet, pixelBytes, packedPlanes(labelmap.labels, present, planes, rows * columns));
}

/** The label values on each plane, ascending, without background. */
function labelsOnPlanes({ labels, grid }: Labelmap): number[][] {
  const [planes, rows, columns] = grid.shapeZyx;
  const size = rows * columns;
  return Array.from({ length: planes }, (_, plane) => {
    const seen = new Uint8Array(256);
    const end = (plane + 1) * size;
    for (let index = plane * size; index < end; index++) seen[labels[index]!] = 1;
    const values: number[] = [];
    for (let value = 1; value < 256; value++) if (seen[value] === 1) values.push(value);
    return values;
  });
}

function occurringLabels(labels: readonly ModelLabel[], present: readonly number[][]): readonly ModelLabel[] {
  const seen = new Set(present.flat());
  const occurring = labels.filter((label) => seen.has(label.value));
  return occurring.length > 0 ? occurring : labels.slice(0, 1);
}

/**
 * The frames of one plane after the other, as bits, first pixel in the lowest bit. A frame need not end on a byte:
 * the last, unfinished byte of a plane is carried into the next piece.
 */
function* packedPlanes(
  labels: Uint8Array,
  present: readonly number[][],
  planes: number,
  size: number,
): Generator<Uint8Array> {
  const most = present.reduce((largest, values) => Math.max(largest, values.length), 0);
  const bytes = Math.ceil((most * size) / 8) + 2;
  // Two in turn: one may be written while the next plane is packed into the other.
  let [bits, others] = [new Uint8Array(bytes), new Uint8Array(bytes)];
  const firstBit = new Uint32Array(256);
  let carriedBits = 0;
  let carriedByte = 0;
  for (let plane = 0; plane < planes; plane++) {
    const values = present[plane]!;
    if (values.length === 0) continue;
    [bits, others] = [others, bits];
    bits.fill(0);
    bits[0] = carriedByte;
    values.forEach((value, index) => (firstBit[value] = carriedBits + index * size));
    const pixels = labels.subarray(plane * size, (plane + 1) * size);
    for (let pixel = 0, end = 0; pixel < size; pixel = end) {
      const value = pixels[pixel]!;
      do end++;
      while (end < size && pixels[end] === value);
      if (value !== 0) setBits(bits, firstBit[value]! + pixel, firstBit[value]! + end);
    }
    const total = carriedBits + values.length * size;
    carriedBits = total & 7;
    carriedByte = bits[total >>> 3]!;
    yield bits.subarray(0, total >>> 3);
  }
  if (carriedBits > 0) yield Uint8Array.of(carriedByte);
}

/** Sets the bits [from, to), of which there is one at least. A run at a time: single bits of many frames thrash the cache. */
function setBits(bits: Uint8Array, from: number, to: number): void {
  let byte = from >>> 3;
  const last = (to - 1) >>> 3;
  const first = 0xff << (from & 7);
  const end = 0xff >>> (7 - ((to - 1) & 7));
  if (byte === last) {
    bits[byte]! |= first & end;
    return;
  }
  bits[byte++]! |= first;
  while (byte < last) bits[byte++] = 0xff;
  bits[last]! |= end;
}
