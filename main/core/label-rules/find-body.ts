import type { Ct } from './ct.ts';
import { filledInSlices } from './fill-holes.ts';
import { maskWhere, partsOf, partsWhere } from './mask.ts';
import { closed, opened } from './morphology.ts';

const leastHu = -300;
const openingRadius = 2;
const closingRadius = 3;

/**
 * Rule 1: the body with what is inside it, lungs and bowel gas too. Table and clothing are thinner than the opening's
 * ball, or parts of their own.
 */
export function findBody({ hu, shape }: Pick<Ct, 'hu' | 'shape'>): Uint8Array {
  const dense = maskWhere(hu.length, (i) => hu[i] > leastHu);
  const parts = partsOf(opened(dense, shape, openingRadius), shape);
  const largest = parts.sizes.reduce((most, size) => Math.max(most, size), 0);
  const body = partsWhere(parts, (part) => part === 1 + parts.sizes.indexOf(largest));
  return filledInSlices(closed(filledInSlices(body, shape), shape, closingRadius), shape);
}
