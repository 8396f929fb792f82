import { PNG } from 'pngjs';
import type { Canvas } from '../../core/report/canvas.ts';
import { drawMontage, type Montage } from '../../core/report/draw-montage.ts';
import { renderPlane, type Plane, type PlaneLook } from '../../core/report/render-plane.ts';
import type { Voxels } from '../../core/volume/volume.ts';
import { loadTextPainter } from '../export-font.ts';

/** Planes before they are painted: one image, label plane and caption a tile, both planes in shared memory. */
export interface TilesTask {
  readonly images: readonly Plane<Voxels>[];
  readonly labels: readonly Plane<Uint8Array>[];
  readonly captions: readonly string[];
  readonly look: PlaneLook;
}

/** A montage before it is painted. */
export type MontageTask = Omit<Montage, 'tiles'> & TilesTask;

/** Paints a montage; returns a PNG file. */
export function paintMontage({ images, labels, captions, look, ...montage }: MontageTask): Uint8Array {
  const tiles = images.map((image, tile) => ({
    picture: renderPlane(image, labels[tile]!, look),
    caption: captions[tile]!,
  }));
  return asPng(drawMontage({ ...montage, tiles }, loadTextPainter()));
}

/** Paints each plane by itself; returns PNG files. */
export function paintTiles({ images, labels, look }: TilesTask): Uint8Array[] {
  return images.map((image, tile) => asPng(renderPlane(image, labels[tile]!, look)));
}

function asPng({ width, height, rgba }: Canvas): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(rgba.buffer);
  return PNG.sync.write(png, { colorType: 2 });
}
