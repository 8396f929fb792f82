import type { LabelMeasurement } from '../segment/6-measure/measurement.ts';
import type { Box } from '../volume/box.ts';
import { axisLetters, orient, orientBox, orientVec } from '../volume/orientation.ts';
import type { Orientation } from '../volume/orientation.ts';
import type { Grid, Vec3 } from '../volume/volume.ts';

export interface PlaneChoice {
  /** Turns the array so that its axes are plane, row, column of the picture. */
  readonly orientation: Orientation;
  /** The part of each plane that is shown. */
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly rows: number;
  readonly columns: number;
  /** Of the picture, in mm. */
  readonly heightPerWidth: number;
  /** The patient direction at the left border: R in axial and coronal pictures. */
  readonly leftMark: string;
  /** Indices after `orientation`, ascending. */
  readonly planes: readonly { readonly index: number; readonly caption: string }[];
}

/** As radiologists look: the patient's right on the left, anterior or superior on top. */
const views = { axial: 'IPL', coronal: 'PIL', sagittal: 'LIP' } as const;
const opposite: Readonly<Record<string, string>> = { L: 'R', P: 'A' };

/** How much of a plane is shown at least, so that a small organ keeps its surroundings. */
const leastShown = 0.6;

/**
 * Chooses up to `count` planes, evenly over the extent of the labels: axial ones, or the series' own where its slices
 * are much thicker than its pixels, so that no picture shows stairs. What lies far from any label is cut away.
 */
export function choosePlanes(
  grid: Grid,
  measurements: readonly LabelMeasurement[],
  count: number,
): PlaneChoice {
  const target = viewOf(grid);
  const orientation = orient(grid, target);
  const shape = orientVec(grid.shapeZyx, orientation);
  const [, rowMm, columnMm] = orientVec(grid.spacingZyxMm, orientation);
  const labelled = labelledBox(grid.shapeZyx, measurements, orientation) ?? { start: [0, 0, 0], end: shape };
  const [first, extent] = [labelled.start[0], labelled.end[0] - labelled.start[0]];
  const [firstRow, rows] = shown(labelled.start[1], labelled.end[1], shape[1]);
  const [firstColumn, columns] = shown(labelled.start[2], labelled.end[2], shape[2]);
  const number = Math.min(count, extent);
  const indices = Array.from({ length: number }, (_, tile) =>
    Math.floor(first + ((tile + 0.5) * extent) / number),
  );
  return {
    orientation,
    firstRow,
    firstColumn,
    rows,
    columns,
    heightPerWidth: (rows * rowMm) / (columns * columnMm),
    leftMark: opposite[target[2]!]!,
    planes: indices.map((index) => ({ index, caption: captionOf(grid, orientation, index) })),
  };
}

/** First index and number of those shown: the labelled ones and some space around, within [0, size). */
function shown(start: number, end: number, size: number): [first: number, count: number] {
  const count = Math.min(size, Math.ceil(Math.max((end - start) * 1.06, size * leastShown)));
  const first = Math.round((start + end - count) / 2);
  return [Math.max(0, Math.min(size - count, first)), count];
}

function viewOf(grid: Grid): string {
  const [thickness, ...inPlane] = grid.spacingZyxMm;
  if (thickness <= 2 * Math.max(...inPlane)) return views.axial;
  const normal = axisLetters(grid)[0]!;
  if ('PA'.includes(normal)) return views.coronal;
  return 'LR'.includes(normal) ? views.sagittal : views.axial;
}

/** The box around all labels, oriented; null where there is none. */
function labelledBox(
  shape: Vec3,
  measurements: readonly LabelMeasurement[],
  orientation: Orientation,
): Box | null {
  const bounds = measurements.flatMap(({ boundsZyx }) => (boundsZyx ? [boundsZyx] : []));
  if (bounds.length === 0) return null;
  const axes = [0, 1, 2] as const;
  const start = axes.map((axis) => Math.min(...bounds.map(({ min }) => min[axis])));
  const end = axes.map((axis) => Math.max(...bounds.map(({ max }) => max[axis])) + 1);
  return orientBox({ start, end } as unknown as Box, shape, orientation);
}

/** Where the plane lies, along the patient axis that it is closest to: `S 120 mm` is 120 mm above the origin. */
function captionOf(grid: Grid, { permutation, flips }: Orientation, plane: number): string {
  const axis = permutation[0]!;
  const direction = grid.directionsZyx[axis]!;
  const lps = direction.reduce((best, v, i) => (Math.abs(v) > Math.abs(direction[best]!) ? i : best), 0);
  const index = flips[0] ? grid.shapeZyx[axis]! - 1 - plane : plane;
  const middle = [0, 1, 2].reduce((mm, a) => {
    const at = a === axis ? index : (grid.shapeZyx[a]! - 1) / 2;
    return mm + at * grid.spacingZyxMm[a]! * grid.directionsZyx[a]![lps]!;
  }, grid.originLps[lps]!);
  const letter = [
    ['L', 'R'],
    ['P', 'A'],
    ['S', 'I'],
  ][lps]![middle < 0 ? 1 : 0]!;
  return `${letter} ${Math.abs(middle).toFixed(1)} mm`;
}
