import { PNG } from 'pngjs';
import { drawMontage, type Montage } from '../../core/report/draw-montage.ts';
import { renderPlane, type Plane, type PlaneLook } from '../../core/report/render-plane.ts';
import type { Voxels } from '../../core/volume/volume.ts';
import { loadTextPainter } from '../export-font.ts';

/** A montage before it is painted; one image, label plane and caption a tile, both planes in shared memory. */
export interface MontageTask extends Omit<Montage, 'tiles'> {
  readonly images: readonly Plane<Voxels>[];
  readonly labels: readonly Plane<Uint8Array>[];
  readonly captions: readonly string[];
  readonly look: PlaneLook;
}

/** Paints a montage; returns a PNG file. */
export function paintMontage({ images, labels, captions, look, ...montage }: MontageTask): Uint8Array {
  const tiles = images.map((image, tile) => ({
    picture: renderPlane(image, labels[tile]!, look),
    caption: captions[tile]!,
  }));
  const { width, height, rgba } = drawMontage({ ...montage, tiles }, loadTextPainter());
  const png = new PNG({ width, height });
  png.data = Buffer.from(rgba.buffer);
  return PNG.sync.write(png, { colorType: 2 });
}
