import type { Assembly, Finding } from '../study.ts';
import type { Grid } from '../../volume/volume.ts';
import type { ImageFrame } from './image-frame.ts';
import {
  gapFactor,
  intervalsOf,
  jitterToleranceMm,
  largestOf,
  medianInterval,
  smallestOf,
  unevennessLimit,
} from './spacing.ts';
import { byPosition, samePositionMm, stackUp } from './stack.ts';
import type { PlacedFrame, Slice, Stack } from './stack.ts';
import { dot, scaledSum } from './vector.ts';

/** What the places of images come to: the slices in order, the grid they make, and what was found on the way. */
export interface StackedGeometry {
  readonly images: readonly ImageFrame[];
  /** Null where the images make no rectangular grid. */
  readonly grid: Grid | null;
  readonly assembly: Assembly;
  readonly findings: readonly Finding[];
}

/**
 * With two slices there is one interval and nothing to compare it with: a missing slice between them could not be told.
 */
const minSlices = 3;

// A tilt moves slices against each other by less than this over the whole stack: less than linear interpolation blurs.
const shiftTolerancePixels = 0.25;

// cos 0.1°, as in splitting: what is kept together because it could not be split is found out here.
const parallel = Math.cos((0.1 * Math.PI) / 180);

const stacked: Assembly = { kind: 'stack' };

/**
 * Judges where images lie (never what they show). Pure: the same images in any order give the same answer. The grid's z
 * axis is the normal (row direction × column direction), ascending; y is the row index, x the column index.
 */
export function judgeGeometry(images: readonly ImageFrame[]): StackedGeometry {
  const placed = images.filter((image): image is PlacedFrame => image.plane !== null);
  const unplaced = images.length - placed.length;
  if (unplaced > 0) return refused(images, { code: 'missing-geometry', numbers: { images: unplaced } });
  const mixed = findMixture(placed);
  if (mixed) return refused(images, mixed);

  const all = stackUp(placed);
  const sorted = all.slices.map(({ image }) => image);
  if (placed.length > 1 && byPosition(all.slices).length === 1) {
    return refused(sorted, { code: 'single-position', numbers: { slices: placed.length } });
  }
  const { stack, dropped } = dropDuplicates(all);
  const slices = stack.slices;
  const kept = slices.map(({ image }) => image);
  if (slices.length < minSlices) {
    return refused(kept, { code: 'too-few-slices', numbers: { slices: slices.length, needed: minSlices } });
  }
  const spacing = judgeSpacing(slices);
  const shift = judgeShift(slices);
  const duplicates: Finding[] =
    dropped === 0 ? [] : [{ code: 'duplicates-dropped', numbers: { duplicates: dropped } }];
  const findings = [...duplicates, ...spacing.findings, ...shift.findings];
  if (spacing.isRefused || shift.isRefused) return { images: kept, grid: null, assembly: stacked, findings };
  if (spacing.positionsMm && shift.isTilted) {
    // Two corrections at once, of which each assumes that the other is not needed.
    return refused(kept, ...duplicates, { code: 'uneven-spacing', numbers: spacing.numbers });
  }
  if (shift.isTilted) return { images: kept, findings, ...reshear(stack, spacing.spacingMm) };
  const grid = gridOf(stack, spacing.spacingMm);
  const assembly: Assembly = spacing.positionsMm
    ? { kind: 'resample', positionsMm: spacing.positionsMm }
    : stacked;
  return { images: kept, grid, assembly, findings };
}

function refused(images: readonly ImageFrame[], ...findings: Finding[]): StackedGeometry {
  return { images, grid: null, assembly: stacked, findings };
}

/** Planes or matrices that differ although splitting left them together. */
function findMixture(images: readonly PlacedFrame[]): Finding | null {
  const [first] = images;
  if (!first) return null;
  const turned = images.filter(
    ({ plane }) =>
      dot(plane.xDirection, first.plane.xDirection) < parallel ||
      dot(plane.yDirection, first.plane.yDirection) < parallel,
  );
  if (turned.length > 0) {
    const cosines = turned.map(({ plane }) =>
      Math.min(dot(plane.xDirection, first.plane.xDirection), dot(plane.yDirection, first.plane.yDirection)),
    );
    const degrees = (Math.acos(Math.max(-1, smallestOf(cosines))) * 180) / Math.PI;
    return { code: 'mixed-orientation', numbers: { images: turned.length, degrees: rounded(degrees, 2) } };
  }
  const [rowsMm, columnsMm] = first.plane.spacingYxMm;
  const others = images.filter(
    ({ instance: { pixels }, plane: { spacingYxMm } }) =>
      pixels?.rows !== first.instance.pixels?.rows ||
      pixels?.columns !== first.instance.pixels?.columns ||
      Math.abs(spacingYxMm[0] - rowsMm) > 1e-3 * rowsMm ||
      Math.abs(spacingYxMm[1] - columnsMm) > 1e-3 * columnsMm,
  );
  return others.length > 0 ? { code: 'mixed-matrix', numbers: { images: others.length } } : null;
}

/** Of several images at one place the first stays. Images beside each other in one plane are no duplicates. */
function dropDuplicates(stack: Stack): { stack: Stack; dropped: number } {
  const slices = byPosition(stack.slices).flatMap((run) =>
    run.filter((slice, index) => !run.slice(0, index).some((kept) => isSamePlace(kept, slice))),
  );
  return { stack: { ...stack, slices }, dropped: stack.slices.length - slices.length };
}

function isSamePlace(a: Slice, b: Slice): boolean {
  return Math.hypot(a.shiftXMm - b.shiftXMm, a.shiftYMm - b.shiftYMm) < samePositionMm;
}

interface SpacingJudgement {
  readonly isRefused: boolean;
  readonly spacingMm: number;
  /** Where the slices must be resampled from; null where they lie on the even grid as they are. */
  readonly positionsMm: readonly number[] | null;
  readonly numbers: Finding['numbers'];
  readonly findings: readonly Finding[];
}

function judgeSpacing(slices: readonly Slice[]): SpacingJudgement {
  const positions = slices.map((slice) => slice.alongMm);
  const intervals = intervalsOf(positions);
  const usual = medianInterval(intervals);
  const shortest = smallestOf(intervals);
  const longest = largestOf(intervals);
  const spacingMm = rounded((positions.at(-1) ?? 0) / (positions.length - 1), 6);
  const off = largestOf(positions.map((position, k) => Math.abs(position - k * spacingMm)));
  const numbers = {
    spacingMm: rounded(usual, 3),
    shortestMm: rounded(shortest, 3),
    longestMm: rounded(longest, 3),
    offGridMm: rounded(off, 3),
  };
  const common = { spacingMm, numbers, positionsMm: null };
  const gaps = intervals.filter((interval) => interval > gapFactor * usual);
  if (gaps.length > 0 && usual > 0) {
    const missing = gaps.reduce((sum, gap) => sum + Math.max(1, Math.round(gap / usual) - 1), 0);
    const gap: Finding = {
      code: 'gap',
      numbers: { spacingMm: numbers.spacingMm, longestMm: numbers.longestMm, gaps: gaps.length, missing },
    };
    return { ...common, isRefused: true, findings: [gap] };
  }
  if (longest > (1 + unevennessLimit) * usual || shortest < (1 - unevennessLimit) * usual) {
    return { ...common, isRefused: true, findings: [{ code: 'uneven-spacing', numbers }] };
  }
  if (off <= jitterToleranceMm(spacingMm)) return { ...common, isRefused: false, findings: [] };
  const positionsMm = positions.map((position) => rounded(position, 6));
  return { ...common, positionsMm, isRefused: false, findings: [{ code: 'spacing-resampled', numbers }] };
}

interface ShiftJudgement {
  readonly isRefused: boolean;
  readonly isTilted: boolean;
  readonly findings: readonly Finding[];
}

/** A shift within the plane that grows with the distance is a tilt; any other has no known cause. */
function judgeShift(slices: readonly Slice[]): ShiftJudgement {
  const last = slices.at(-1);
  const spacing = slices[0]?.image.plane.spacingYxMm ?? [1, 1];
  const toleranceMm = shiftTolerancePixels * Math.min(...spacing);
  const largest = largestOf(slices.map((slice) => Math.hypot(slice.shiftXMm, slice.shiftYMm)));
  if (!last || largest <= toleranceMm) return { isRefused: false, isTilted: false, findings: [] };
  const slopeX = last.shiftXMm / last.alongMm;
  const slopeY = last.shiftYMm / last.alongMm;
  const off = largestOf(
    slices.map(({ alongMm, shiftXMm, shiftYMm }) =>
      Math.hypot(shiftXMm - slopeX * alongMm, shiftYMm - slopeY * alongMm),
    ),
  );
  const degrees = (Math.atan(Math.hypot(slopeX, slopeY)) * 180) / Math.PI;
  const numbers = { degrees: rounded(degrees, 3), shiftMm: rounded(largest, 3), offTiltMm: rounded(off, 3) };
  // Gantries tilt by 30° at most.
  if (off > toleranceMm || degrees > 45) {
    return { isRefused: true, isTilted: false, findings: [{ code: 'uneven-shift', numbers }] };
  }
  return { isRefused: false, isTilted: true, findings: [{ code: 'tilt-resheared', numbers }] };
}

function gridOf({ slices, normal, xDirection, yDirection }: Stack, spacingMm: number): Grid {
  const first = slices[0]?.image;
  if (!first) throw new RangeError('a grid needs a slice');
  const { rows = 0, columns = 0 } = first.instance.pixels ?? {};
  return {
    shapeZyx: [slices.length, rows, columns],
    spacingZyxMm: [spacingMm, ...first.plane.spacingYxMm],
    originLps: first.plane.positionLps,
    directionsZyx: [normal, yDirection, xDirection],
  };
}

/** The rectangular grid around sheared slices, and where in its planes each slice lies. */
function reshear(stack: Stack, spacingMm: number): { grid: Grid; assembly: Assembly } {
  const grid = gridOf(stack, spacingMm);
  const [, yMm, xMm] = grid.spacingZyxMm;
  const shiftsY = stack.slices.map((slice) => slice.shiftYMm);
  const shiftsX = stack.slices.map((slice) => slice.shiftXMm);
  const lowestY = smallestOf(shiftsY);
  const lowestX = smallestOf(shiftsX);
  const more = (shifts: readonly number[], lowest: number, pixelMm: number) =>
    Math.ceil((largestOf(shifts) - lowest) / pixelMm - shiftTolerancePixels);
  const originLps = scaledSum(
    scaledSum(grid.originLps, lowestY, stack.yDirection),
    lowestX,
    stack.xDirection,
  );
  const [planes, rows, columns] = grid.shapeZyx;
  return {
    grid: {
      ...grid,
      originLps,
      shapeZyx: [planes, rows + more(shiftsY, lowestY, yMm), columns + more(shiftsX, lowestX, xMm)],
    },
    assembly: {
      kind: 'reshear',
      shiftYMm: shiftsY.map((shift) => rounded(shift - lowestY, 6)),
      shiftXMm: shiftsX.map((shift) => rounded(shift - lowestX, 6)),
    },
  };
}

/** To the decimals that positions are written with: removes the noise of subtracting them. */
function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
