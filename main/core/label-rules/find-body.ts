import type { Vec3 } from '../volume/volume.ts';
import { filledInSlices } from './fill-holes.ts';
import { joinedParts, maskWhere, partsOf } from './mask.ts';
import { closed, opened } from './morphology.ts';

const leastHu = -300;
const openingRadius = 2;
const closingRadius = 3;

/**
 * Rule 1: the body with what is inside it, lungs and bowel gas too. Table and clothing are thinner than the opening's
 * ball, or parts of their own.
 *
 * @param hu [z, y, x] on the rules' grid
 */
export function findBody(hu: Float32Array, shape: Vec3): Uint8Array {
  const dense = opened(
    maskWhere(hu.length, (i) => hu[i] > leastHu),
    shape,
    openingRadius,
  );
  const filled = filledInSlices(largestPart(dense, shape), shape);
  return filledInSlices(closed(filled, shape, closingRadius), shape);
}

function largestPart(mask: Uint8Array, shape: Vec3): Uint8Array {
  const parts = partsOf(mask, shape);
  const largest = parts.sizes.reduce((most, size) => Math.max(most, size), 0);
  return joinedParts(parts, [false, ...parts.sizes.map((size) => size === largest)]);
}
