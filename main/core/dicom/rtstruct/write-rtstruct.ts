import { joinHoles } from '../../contour/join-holes.ts';
import { traceOutlines, type Outline } from '../../contour/trace-outlines.ts';
import type { LabelMeasurement } from '../../segment/6-measure/measurement.ts';
import type { Grid } from '../../volume/volume.ts';
import type { SegInput } from '../seg/seg-input.ts';
import { multiFrameInstances, sopClassOf, sourceFrames } from '../seg/source-frames.ts';
import { EncodedItem, type DataSet } from '../write/data-set.ts';
import { encodeDataSet } from '../write/encode-data-set.ts';
import { encodeFileMeta, implicitLittleEndian } from '../write/encode-file.ts';
import { rtStructDataSet } from './rtstruct-data-set.ts';

/** Hundredths of a micrometre would be noise, and make files half as large again. */
const digits = 3;

/**
 * A DICOM RT Structure Set: the outlines of each label that occurs, plane by plane, as CLOSED_PLANAR contours in patient
 * coordinates, holes joined by channels. They run along the borders of pixels, so that their area is that of the pixels.
 * Implicit VR, since the points of one contour may take more than the 64 KiB that an explicit DS can say. Throws DicomWriteError.
 *
 * @param measurements of the labelmap: where each label lies
 */
export function writeRtStruct(input: SegInput, measurements: readonly LabelMeasurement[]): Uint8Array[] {
  const images = imageItems(input);
  const rois = input.labels.flatMap((label) => {
    const bounds = measurements.find(({ value }) => value === label.value)?.boundsZyx;
    if (!bounds) return [];
    return [{ label, contours: contoursOf(input, label.value, bounds, images) }];
  });
  const dataSet = rtStructDataSet(input, rois);
  return [encodeFileMeta(dataSet, implicitLittleEndian), encodeDataSet(dataSet, 'implicit')];
}

/** The source images of each plane, as a contour refers to them. */
function imageItems({ source: { series, volume } }: SegInput): DataSet[][] {
  const multiFrame = multiFrameInstances(volume.frames);
  return sourceFrames(volume).map(({ frames }) =>
    frames.map((frame) => ({
      ReferencedSOPClassUID: sopClassOf(frame, series.modality),
      ReferencedSOPInstanceUID: frame.sopInstanceUid,
      ReferencedFrameNumber: multiFrame.has(frame.sopInstanceUid) ? frame.frame + 1 : undefined,
    })),
  );
}

function contoursOf(
  { labelmap: { labels, grid } }: SegInput,
  value: number,
  { min, max }: NonNullable<LabelMeasurement['boundsZyx']>,
  images: readonly DataSet[][],
): EncodedItem[] {
  const [, rows, columns] = grid.shapeZyx;
  const bounds = { start: [min[1], min[2]], end: [max[1] + 1, max[2] + 1] } as const;
  const items: EncodedItem[] = [];
  for (let z = min[0]; z <= max[0]; z++) {
    const plane = labels.subarray(z * rows * columns, (z + 1) * rows * columns);
    for (const outline of joinHoles(traceOutlines(plane, columns, value, bounds))) {
      const item: DataSet = {
        ContourImageSequence: images[z]!,
        ContourGeometricType: 'CLOSED_PLANAR',
        NumberOfContourPoints: outline.length / 2,
        ContourData: pointsOf(outline, z, grid),
      };
      items.push(new EncodedItem(encodeDataSet(item, 'implicit')));
    }
  }
  return items;
}

/** x, y, z of each corner, LPS, mm. A corner lies half a pixel before the centre of the pixel of its number. */
function pointsOf(outline: Outline, z: number, { originLps, spacingZyxMm, directionsZyx }: Grid): number[] {
  const points: number[] = [];
  for (let at = 0; at < outline.length; at += 2) {
    const steps = [z, outline[at]! - 0.5, outline[at + 1]! - 0.5].map(
      (index, axis) => index * spacingZyxMm[axis]!,
    );
    for (let lps = 0; lps < 3; lps++) {
      const mm =
        originLps[lps]! + steps.reduce((sum, step, axis) => sum + step * directionsZyx[axis]![lps]!, 0);
      points.push(Number(mm.toFixed(digits)));
    }
  }
  return points;
}
