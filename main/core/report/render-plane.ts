import type { Voxels } from '../volume/volume.ts';
import { Canvas } from './canvas.ts';
import type { Rgb } from './canvas.ts';

/** One plane of an array: pixel (row, column) is element `offset + row·rowStride + column·columnStride`. */
export interface Plane<T extends Voxels> {
  readonly values: T;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

export interface PlaneLook {
  readonly rows: number;
  readonly columns: number;
  /** Intensities that become black and white. */
  readonly window: readonly [black: number, white: number];
  readonly colors: ReadonlyMap<number, Rgb>;
  readonly width: number;
  readonly height: number;
}

/** How much of a label's colour lies over the image; its border is drawn in full. */
const overlay = 0.34;
const border = 0.9;

/** A plane in grey with its labels over it, scaled to `width` x `height`. */
export function renderPlane(image: Plane<Voxels>, labels: Plane<Uint8Array>, look: PlaneLook): Canvas {
  const { rows, columns, width, height } = look;
  const [black, white] = look.window;
  const canvas = new Canvas(width, height, [0, 0, 0]);
  const [stepX, stepY] = [columns / width, rows / height];
  const labelAt = (x: number, y: number): number => {
    const column = Math.min(columns - 1, Math.floor((Math.min(Math.max(x, 0), width - 1) + 0.5) * stepX));
    const row = Math.min(rows - 1, Math.floor((Math.min(Math.max(y, 0), height - 1) + 0.5) * stepY));
    return labels.values[labels.offset + row * labels.rowStride + column * labels.columnStride]!;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = meanAround(image, look, (x + 0.5) * stepX, (y + 0.5) * stepY, stepX, stepY);
      const grey = Math.max(0, Math.min(255, ((value - black) / (white - black)) * 255));
      canvas.blend(x, y, [grey, grey, grey], 1);
      const label = labelAt(x, y);
      const color = look.colors.get(label);
      if (!color) continue;
      const atBorder = labelAt(x - 1, y) !== label || labelAt(x, y - 1) !== label;
      canvas.blend(x, y, color, atBorder ? border : overlay);
    }
  }
  return canvas;
}

/** The mean of four bilinear samples within one pixel of the picture: smooth both smaller and larger. */
function meanAround(
  image: Plane<Voxels>,
  size: { readonly rows: number; readonly columns: number },
  x: number,
  y: number,
  stepX: number,
  stepY: number,
): number {
  let sum = 0;
  for (const dy of [-0.25, 0.25]) {
    for (const dx of [-0.25, 0.25]) sum += bilinear(image, size, x + dx * stepX - 0.5, y + dy * stepY - 0.5);
  }
  return sum / 4;
}

function bilinear(
  { values, offset, rowStride, columnStride }: Plane<Voxels>,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  x: number,
  y: number,
): number {
  const column = Math.max(0, Math.min(columns - 1, x));
  const row = Math.max(0, Math.min(rows - 1, y));
  const [c0, r0] = [Math.floor(column), Math.floor(row)];
  const [c1, r1] = [Math.min(columns - 1, c0 + 1), Math.min(rows - 1, r0 + 1)];
  const [fx, fy] = [column - c0, row - r0];
  const at = (r: number, c: number) => values[offset + r * rowStride + c * columnStride]!;
  const above = at(r0, c0) * (1 - fx) + at(r0, c1) * fx;
  const below = at(r1, c0) * (1 - fx) + at(r1, c1) * fx;
  return above * (1 - fy) + below * fy;
}
