import { displayWindow } from '../../../main/core/report/display-window.ts';

export interface PlaneShape {
  readonly rows: number;
  readonly columns: number;
  readonly rowSpacingMm: number;
  readonly columnSpacingMm: number;
}

export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  /** sRGB and alpha, 4 bytes a pixel, row by row. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** Pixels of the longer side: twice what is shown, for dense screens. */
export const thumbnailSize = 176;

/** One plane of modality values, row by row, as a small grey picture in the proportions of the patient. */
export function drawThumbnail(values: Float32Array, shape: PlaneShape, modality: string): Thumbnail {
  const { rows, columns } = shape;
  const [heightMm, widthMm] = [rows * shape.rowSpacingMm, columns * shape.columnSpacingMm];
  const scale = thumbnailSize / Math.max(heightMm, widthMm);
  const width = Math.max(1, Math.round(widthMm * scale));
  const height = Math.max(1, Math.round(heightMm * scale));
  const plane = { values, offset: 0, rowStride: columns, columnStride: 1 };
  const [black, white] = displayWindow([plane], { rows, columns }, modality);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = covered(y, height, rows);
    for (let x = 0; x < width; x++) {
      const [left, right] = covered(x, width, columns);
      const mean = meanOf(values, columns, { top, bottom, left, right });
      const grey = ((mean - black) / (white - black)) * 255;
      rgba.set([grey, grey, grey, 255], (y * width + x) * 4);
    }
  }
  return { width, height, rgba };
}

/** The voxels [start, end), at least one, that lie under a pixel. */
function covered(pixel: number, pixels: number, voxels: number): [start: number, end: number] {
  const start = Math.min(voxels - 1, Math.floor((pixel * voxels) / pixels));
  return [start, Math.max(start + 1, Math.min(voxels, Math.floor(((pixel + 1) * voxels) / pixels)))];
}

interface Area {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Values that are no numbers count as black. */
function meanOf(values: Float32Array, columns: number, { top, bottom, left, right }: Area): number {
  let sum = 0;
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) sum += values[row * columns + column]!;
  }
  return sum / ((bottom - top) * (right - left));
}
