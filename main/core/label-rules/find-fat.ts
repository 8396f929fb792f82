import { gaussianSmoothed } from '../volume/filter/smooth-volume.ts';
import type { Vec3 } from '../volume/volume.ts';
import { maskWhere } from './mask.ts';
import { dilated, eroded } from './morphology.ts';

const sigma = 0.5;

/**
 * Rule 6: fat by its HU, away from air, whose edges have the HU of fat: not in the body's outermost layer, nor beside
 * lung or gas.
 *
 * @param hu [z, y, x] on the rules' grid
 * @param air lung, trachea and gas
 */
export function findFat(hu: Float32Array, body: Uint8Array, air: Uint8Array, shape: Vec3): Uint8Array {
  const smooth = gaussianSmoothed(hu, shape, sigma);
  const inside = eroded(body, shape, 1);
  const besideAir = dilated(air, shape, 1);
  return maskWhere(
    hu.length,
    (i) => smooth[i] >= -200 && smooth[i] <= -30 && inside[i] === 1 && besideAir[i] === 0,
  );
}
