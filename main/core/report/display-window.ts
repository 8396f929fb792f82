import type { Voxels } from '../volume/volume.ts';
import type { Plane } from './render-plane.ts';

/** CT: wide enough that lung, fat, soft tissue and bone each keep their own grey under a colour. */
const ctWindow = [-750, 450] as const;

/** Black and white of the picture: fixed HU for CT, else the 1st and 99.5th percentile of the planes shown. */
export function displayWindow(
  planes: readonly Plane<Voxels>[],
  { rows, columns }: { readonly rows: number; readonly columns: number },
  modality: string,
): readonly [black: number, white: number] {
  if (modality === 'CT') return ctWindow;
  const sample: number[] = [];
  for (const { values, offset, rowStride, columnStride } of planes) {
    // Every fourth pixel in both directions is plenty for a percentile.
    for (let row = 0; row < rows; row += 4) {
      for (let column = 0; column < columns; column += 4) {
        const value = values[offset + row * rowStride + column * columnStride]!;
        if (Number.isFinite(value)) sample.push(value);
      }
    }
  }
  sample.sort((a, b) => a - b);
  const at = (fraction: number) => sample[Math.floor(fraction * (sample.length - 1))] ?? 0;
  const [black, white] = [at(0.01), at(0.995)];
  return [black, white > black ? white : black + 1];
}
