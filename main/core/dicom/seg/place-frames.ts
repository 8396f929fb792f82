import { numbers } from '../read/element-set.ts';
import { cross, dot } from '../read/vector.ts';
import type { Grid, Vec3 } from '../../volume/volume.ts';
import { SegFormatError } from './seg-format-error.ts';
import type { FrameGroups } from './frame-groups.ts';
import type { SegFrames } from './seg-frames.ts';

/** How far a frame may lie from a plane of the grid: rounding in decimal strings, as a part of the spacing. */
const tolerance = 0.01;

interface Placed {
  readonly grid: Grid;
  /** The plane z of each frame. */
  readonly planes: readonly number[];
}

/**
 * The planes of the grid on which the frames lie: those of `onto`, or of the smallest grid around the frames, its z
 * along the normal. All frames share one orientation and pixel spacing. Throws SegFormatError.
 */
export function placeFrames(groups: FrameGroups, frames: SegFrames, onto?: Grid): Placed {
  const geometry = Array.from({ length: frames.count }, (_, frame) => readGeometry(groups, frame));
  const first = geometry[0]!;
  for (const [frame, { orientation, pixelSpacing }] of geometry.entries()) {
    if (!near(orientation, first.orientation, 1e-3) || !near(pixelSpacing, first.pixelSpacing, 1e-3)) {
      throw new SegFormatError(`frame ${frame + 1} has another orientation or spacing than the first`);
    }
  }
  const x = first.orientation.slice(0, 3) as unknown as Vec3;
  const y = first.orientation.slice(3, 6) as unknown as Vec3;
  const grid = onto ?? spanningGrid(geometry, frames, x, y);
  const [planes, rows, columns] = grid.shapeZyx;
  const [dz, dy, dx] = grid.spacingZyxMm;
  const sameInPlane =
    rows === frames.rows &&
    columns === frames.columns &&
    near(first.pixelSpacing, [dy, dx], 1e-3) &&
    near([...grid.directionsZyx[2], ...grid.directionsZyx[1]], [...x, ...y], 1e-3);
  if (!sameInPlane) throw new SegFormatError('the segmentation lies on another grid');
  const indices = geometry.map(({ position }, frame) => {
    const offset = position.map((mm, axis) => mm - grid.originLps[axis]!) as unknown as Vec3;
    const exact = dot(offset, grid.directionsZyx[0]) / dz;
    const plane = Math.round(exact);
    const aside = Math.max(
      Math.abs(dot(offset, x)) / dx,
      Math.abs(dot(offset, y)) / dy,
      Math.abs(exact - plane),
    );
    if (aside > tolerance || plane < 0 || plane >= planes) {
      throw new SegFormatError(`frame ${frame + 1} does not lie on a plane of the grid`);
    }
    return plane;
  });
  return { grid, planes: indices };
}

interface FrameGeometry {
  readonly position: Vec3;
  readonly orientation: readonly number[];
  readonly pixelSpacing: readonly number[];
  readonly sliceSpacing: number;
}

function readGeometry(groups: FrameGroups, frame: number): FrameGeometry {
  const read = (group: string, tag: string, count: number) =>
    groups.first(frame, group, (item) => {
      const values = numbers(item, tag, 'DS');
      return values.length === count && values.every(Number.isFinite) ? values : null;
    });
  const position = read('x00209113', 'x00200032', 3);
  const orientation = read('x00209116', 'x00200037', 6);
  const pixelSpacing = read('x00289110', 'x00280030', 2);
  if (!position || !orientation || !pixelSpacing || pixelSpacing.some((mm) => mm <= 0)) {
    throw new SegFormatError(`frame ${frame + 1} does not say where it lies`);
  }
  const sliceSpacing = read('x00289110', 'x00180088', 1) ?? read('x00289110', 'x00180050', 1);
  return {
    position: position as unknown as Vec3,
    orientation,
    pixelSpacing,
    sliceSpacing: sliceSpacing?.[0] ?? 0,
  };
}

function spanningGrid(geometry: readonly FrameGeometry[], frames: SegFrames, x: Vec3, y: Vec3): Grid {
  const normal = cross(x, y);
  const byDepth = geometry
    .map(({ position }) => ({ position, depth: dot(position, normal) }))
    .sort((a, b) => a.depth - b.depth);
  const lowest = byDepth[0]!;
  const depth = byDepth.at(-1)!.depth - lowest.depth;
  const { pixelSpacing, sliceSpacing } = geometry[0]!;
  let spacing = sliceSpacing;
  if (!(spacing > 0)) {
    const steps = byDepth.slice(1).map((frame, index) => frame.depth - byDepth[index]!.depth);
    spacing = Math.min(...steps.filter((mm) => mm > 1e-3));
    if (!Number.isFinite(spacing)) spacing = 1;
  }
  return {
    shapeZyx: [Math.round(depth / spacing) + 1, frames.rows, frames.columns],
    spacingZyxMm: [spacing, pixelSpacing[0]!, pixelSpacing[1]!],
    originLps: lowest.position,
    directionsZyx: [normal, y, x],
  };
}

function near(a: readonly number[], b: readonly number[], by: number): boolean {
  return a.every((value, index) => Math.abs(value - b[index]!) <= by);
}
