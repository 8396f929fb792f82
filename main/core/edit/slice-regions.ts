import type { Vec3 } from '../volume/volume.ts';

type Axis = 0 | 1 | 2;

/** Steps between voxel numbers (z, y, x) along the rows and columns of a slice across `axis`, and its size. */
function sliceLayout([planes, rows, columns]: Vec3, axis: Axis) {
  const strides = [rows * columns, columns, 1] as const;
  const shape = [planes, rows, columns] as const;
  const [down, across] = axis === 0 ? ([1, 2] as const) : axis === 1 ? ([0, 2] as const) : ([0, 1] as const);
  return {
    height: shape[down],
    width: shape[across],
    down: strides[down],
    across: strides[across],
    through: strides[axis],
  };
}

/** Numbers of the voxels of a slice that hang together with one by edges and have its value, that one included. */
export function connectedInSlice(labels: Uint8Array, shapeZyx: Vec3, axis: Axis, seedZyx: Vec3): number[] {
  const { height, width, down, across, through } = sliceLayout(shapeZyx, axis);
  const [row, column] =
    axis === 0 ? [seedZyx[1], seedZyx[2]] : axis === 1 ? [seedZyx[0], seedZyx[2]] : [seedZyx[0], seedZyx[1]];
  const base = seedZyx[axis] * through;
  const value = labels[base + row * down + column * across];
  const seen = new Uint8Array(height * width);
  const stack = [row * width + column];
  const region: number[] = [];
  seen[stack[0]!] = 1;
  const visit = (r: number, c: number): void => {
    const at = r * width + c;
    if (seen[at] || labels[base + r * down + c * across] !== value) return;
    seen[at] = 1;
    stack.push(at);
  };
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const [r, c] = [Math.floor(at / width), at % width];
    region.push(base + r * down + c * across);
    if (r > 0) visit(r - 1, c);
    if (r < height - 1) visit(r + 1, c);
    if (c > 0) visit(r, c - 1);
    if (c < width - 1) visit(r, c + 1);
  }
  return region;
}

/**
 * Numbers of the voxels whose centre lies inside a closed polygon drawn on slices across `axis` (even-odd rule), in the
 * slices [from, to).
 *
 * @param points row and column in the slice, voxel indices that need not be whole
 */
export function voxelsInPolygon(
  shapeZyx: Vec3,
  axis: Axis,
  points: readonly (readonly [row: number, column: number])[],
  { from, to }: { readonly from: number; readonly to: number },
): number[] {
  const { height, width, down, across, through } = sliceLayout(shapeZyx, axis);
  const inSlice: number[] = [];
  for (let row = 0; row < height; row++) {
    const crossings = points
      .flatMap(([r0, c0], i) => {
        const [r1, c1] = points[(i + 1) % points.length]!;
        return r0 <= row === r1 <= row ? [] : [c0 + ((row - r0) / (r1 - r0)) * (c1 - c0)];
      })
      .sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const last = Math.min(width - 1, Math.floor(crossings[i + 1]!));
      for (let column = Math.max(0, Math.ceil(crossings[i]!)); column <= last; column++) {
        inSlice.push(row * down + column * across);
      }
    }
  }
  const voxels: number[] = [];
  for (let slice = from; slice < to; slice++) for (const at of inSlice) voxels.push(slice * through + at);
  return voxels;
}
