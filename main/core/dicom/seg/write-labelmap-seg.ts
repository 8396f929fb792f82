import { EncodedItem } from '../write/data-set.ts';
import { DicomWriteError } from '../write/dicom-write-error.ts';
import { encodeDataSet } from '../write/encode-data-set.ts';
import { streamFile } from '../write/encode-file.ts';
import type { DicomFile } from '../write/encode-file.ts';
import { describeBackground, describeSegment } from './describe-segments.ts';
import { planeGroups } from './plane-groups.ts';
import { labelmapSegClass, segDataSet } from './seg-data-set.ts';
import type { SegInput } from './seg-input.ts';

/**
 * A DICOM SEG of type LABELMAP (Supplement 243): one byte a pixel, one frame a plane, pixel value = segment number =
 * label value. All labels of the model are described, whether they occur or not. Throws DicomWriteError.
 */
export function writeLabelmapSeg(input: SegInput): DicomFile {
  const { labels, grid } = input.labelmap;
  checkDescribed(labels, input.labels);
  const frames = planeGroups(input).map(
    ({ derivation, position }, plane) =>
      new EncodedItem(
        encodeDataSet({
          DerivationImageSequence: [derivation],
          FrameContentSequence: [{ DimensionIndexValues: plane + 1 }],
          PlanePositionSequence: [position],
        }),
      ),
  );
  const dataSet = segDataSet(input, {
    sopClassUid: labelmapSegClass,
    segmentationType: 'LABELMAP',
    bits: 8,
    seriesNumberOffset: 2000,
    segments: [
      describeBackground(input.algorithm),
      ...input.labels.map((label) => describeSegment(label, label.value, input.algorithm)),
    ],
    frames,
    dimensions: [{ pointer: 'ImagePositionPatient', group: 'PlanePositionSequence' }],
  });
  return streamFile(dataSet, labels.length, planes(labels, grid.shapeZyx[1] * grid.shapeZyx[2]));
}

function checkDescribed(labels: Uint8Array, described: SegInput['labels']): void {
  const known = new Uint8Array(256);
  known[0] = 1;
  for (const label of described) known[label.value] = 1;
  for (let index = 0; index < labels.length; index++) {
    const value = labels[index]!;
    if (known[value] === 0) throw new DicomWriteError(`label ${value} has no description`);
  }
}

function* planes(labels: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < labels.length; start += size) yield labels.subarray(start, start + size);
}
