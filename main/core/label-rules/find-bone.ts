import { boxMean, gaussianSmoothed } from '../volume/filter/smooth-volume.ts';
import type { Vec3 } from '../volume/volume.ts';
import { filledInSlices } from './fill-holes.ts';
import { grownFrom } from './find-gas.ts';
import { millilitres } from './grid-units.ts';
import { joinedParts, maskWhere, partsOf } from './mask.ts';
import { closed } from './morphology.ts';

const sigma = 0.5;

/**
 * Rule 5: bone, with its marrow where a slice shows bone all round it. What is bright, large and even is blood with
 * contrast medium.
 *
 * @param hu [z, y, x] on the rules' grid
 * @param where voxels that may be bone
 */
export function findBone(hu: Float32Array, where: Uint8Array, shape: Vec3): Uint8Array {
  const smooth = gaussianSmoothed(hu, shape, sigma);
  const bright = grownFrom(
    maskWhere(hu.length, (i) => where[i] === 1 && smooth[i] > 150),
    (i) => hu[i] > 280,
    shape,
  );
  const blood = contrastFilled(hu, bright, shape);
  const hard = maskWhere(hu.length, (i) => bright[i] === 1 && blood[i] === 0);
  const bone = closed(boneLike(hu, hard, shape), shape, 2);
  const dense = maskWhere(hu.length, (i) => bone[i] === 1 && where[i] === 1 && (hard[i] === 1 || hu[i] > 20));
  const whole = filledInSlices(dense, shape, 30);
  return maskWhere(hu.length, (i) => whole[i] === 1 && where[i] === 1);
}

function boneLike(hu: Float32Array, mask: Uint8Array, shape: Vec3): Uint8Array {
  const parts = partsOf(mask, shape);
  const most = new Float32Array(parts.sizes.length + 1).fill(-Infinity);
  for (let i = 0; i < hu.length; i++) most[parts.partOf[i]] = Math.max(most[parts.partOf[i]], hu[i]);
  return joinedParts(parts, [
    false,
    ...parts.sizes.map((size, part) => millilitres(size) > 0.6 && most[part + 1] > 330),
  ]);
}

/** Large, bright and even regions: vessels and heart chambers. */
function contrastFilled(hu: Float32Array, bright: Uint8Array, shape: Vec3): Uint8Array {
  const mean = boxMean(hu, shape, 1);
  const ofSquares = boxMean(
    hu.map((value) => value * value),
    shape,
    1,
  );
  const even = maskWhere(
    hu.length,
    (i) => bright[i] === 1 && hu[i] < 520 && ofSquares[i] - mean[i] ** 2 < 45 ** 2,
  );
  const parts = partsOf(even, shape);
  return joinedParts(parts, [false, ...parts.sizes.map((size) => millilitres(size) > 6)]);
}
