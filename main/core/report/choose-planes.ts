import type { LabelMeasurement } from '../segment/6-measure/measurement.ts';
import { axisLetters, orient, orientBox, orientVec } from '../volume/orientation.ts';
import type { Orientation } from '../volume/orientation.ts';
import type { Grid, Vec3 } from '../volume/volume.ts';

export interface PlaneChoice {
  /** Turns the array so that its axes are plane, row, column of the picture. */
  readonly orientation: Orientation;
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

/**
 * Chooses up to `count` planes, evenly over the extent of the labels: axial ones, or the series' own where its slices
 * are much thicker than its pixels, so that no picture shows stairs.
 */
export function choosePlanes(
  grid: Grid,
  measurements: readonly LabelMeasurement[],
  count: number,
): PlaneChoice {
  const target = viewOf(grid);
  const orientation = orient(grid, target);
  const [planes, rows, columns] = orientVec(grid.shapeZyx, orientation);
  const [, rowMm, columnMm] = orientVec(grid.spacingZyxMm, orientation);
  const [first, last] = labelledPlanes(grid.shapeZyx, measurements, orientation) ?? [0, planes - 1];
  const number = Math.min(count, last - first + 1);
  const indices = Array.from({ length: number }, (_, tile) =>
    Math.floor(first + ((tile + 0.5) * (last - first + 1)) / number),
  );
  return {
    orientation,
    rows,
    columns,
    heightPerWidth: (rows * rowMm) / (columns * columnMm),
    leftMark: opposite[target[2]!]!,
    planes: indices.map((index) => ({ index, caption: captionOf(grid, orientation, index) })),
  };
}

function viewOf(grid: Grid): string {
  const [thickness, ...inPlane] = grid.spacingZyxMm;
  if (thickness <= 2 * Math.max(...inPlane)) return views.axial;
  const normal = axisLetters(grid)[0]!;
  if ('PA'.includes(normal)) return views.coronal;
  return 'LR'.includes(normal) ? views.sagittal : views.axial;
}

function labelledPlanes(
  shape: Vec3,
  measurements: readonly LabelMeasurement[],
  orientation: Orientation,
): [number, number] | null {
  let [first, last] = [Infinity, -Infinity];
  for (const { boundsZyx } of measurements) {
    if (!boundsZyx) continue;
    const end = boundsZyx.max.map((index) => index + 1) as unknown as Vec3;
    const box = orientBox({ start: boundsZyx.min, end }, shape, orientation);
    first = Math.min(first, box.start[0]);
    last = Math.max(last, box.end[0] - 1);
  }
  return last < first ? null : [first, last];
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
