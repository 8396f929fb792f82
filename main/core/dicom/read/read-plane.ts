import type { Vec3 } from '../../volume/volume.ts';
import type { ElementSet } from './element-set.ts';
import { numbers } from './element-set.ts';
import type { ImagePlane } from './image-frame.ts';
import { tag } from './tags.ts';
import { dot, normalized, scaledSum } from './vector.ts';

// Direction cosines are written with three decimals at worst, which leaves them this far from unit length and from
// square; anything further off is not a pair of directions.
const cosineTolerance = 0.01;

// Farther than any scanner's table reaches, and pixels finer or coarser than any body scanner's: such numbers are damage.
const maxPositionMm = 1e5;
const minSpacingMm = 1e-3;
const maxSpacingMm = 1e3;

/**
 * The plane of an image (PS3.3 C.7.6.2.1.1; C.7.6.16.2.1, .3 and .4 for enhanced objects), each part from the item that
 * holds it. Null where a part is absent or makes no plane. The second direction is turned square to the first.
 */
export function readPlane(
  position: ElementSet,
  orientation: ElementSet,
  measures: ElementSet,
): ImagePlane | null {
  const [px, py, pz] = numbers(position, tag.imagePosition, 'DS');
  const [xx, xy, xz, yx, yy, yz] = numbers(orientation, tag.imageOrientation, 'DS');
  const [rowMm, columnMm] = numbers(measures, tag.pixelSpacing, 'DS');
  if (px === undefined || py === undefined || pz === undefined) return null;
  if (xx === undefined || xy === undefined || xz === undefined) return null;
  if (yx === undefined || yy === undefined || yz === undefined) return null;
  if (rowMm === undefined || columnMm === undefined) return null;

  const positionLps: Vec3 = [px, py, pz];
  const spacings = [rowMm, columnMm];
  // Written so that NaN fails too.
  if (!positionLps.every((mm) => Math.abs(mm) <= maxPositionMm)) return null;
  if (!spacings.every((mm) => mm >= minSpacingMm && mm <= maxSpacingMm)) return null;
  const x: Vec3 = [xx, xy, xz];
  const y: Vec3 = [yx, yy, yz];
  if (!(Math.abs(dot(x, x) - 1) <= 2 * cosineTolerance)) return null;
  if (!(Math.abs(dot(y, y) - 1) <= 2 * cosineTolerance)) return null;
  if (!(Math.abs(dot(x, y)) <= cosineTolerance)) return null;
  const xDirection = normalized(x);
  const yDirection = normalized(scaledSum(y, -dot(y, xDirection), xDirection));
  return { positionLps, xDirection, yDirection, spacingYxMm: [rowMm, columnMm] };
}
