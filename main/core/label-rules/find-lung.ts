import { boxMean, gaussianSmoothed } from '../volume/filter/smooth-volume.ts';
import type { Vec3 } from '../volume/volume.ts';
import { filledInSlices } from './fill-holes.ts';
import { millilitres } from './grid-units.ts';
import { joinedParts, maskWhere, partsOf, voxelsOfParts } from './mask.ts';
import { closed, dilated, opened } from './morphology.ts';

const sigma = 0.5;
const mostHu = -420;
const openingRadius = 1;
const regrowth = 3;
const closingRadius = 2;
const largestHole = 12;

/**
 * Rule 2: dark parts of the body that are too dense for gas alone: lung holds blood and tissue. Small vessels are
 * inside.
 *
 * @param hu [z, y, x] on the rules' grid
 */
export function findLung(hu: Float32Array, body: Uint8Array, shape: Vec3): Uint8Array {
  const smooth = gaussianSmoothed(hu, shape, sigma);
  const dark = maskWhere(hu.length, (i) => body[i] === 1 && smooth[i] < mostHu);
  const parts = partsOf(opened(dark, shape, openingRadius), shape);
  const isLung = voxelsOfParts(parts).map((voxels) => isLungLike(voxels, hu));
  const kept = joinedParts(parts, isLung);
  const gas = pureGas(hu, kept, shape);
  // What the opening took from these parts, but for what it left of others.
  const near = dilated(kept, shape, regrowth);
  const lung = maskWhere(
    hu.length,
    (i) =>
      near[i] === 1 && dark[i] === 1 && (parts.partOf[i] === 0 || isLung[parts.partOf[i]]) && gas[i] === 0,
  );
  const whole = filledInSlices(closed(lung, shape, closingRadius), shape, largestHole);
  return maskWhere(hu.length, (i) => whole[i] === 1 && body[i] === 1 && gas[i] === 0);
}

function isLungLike(voxels: Uint32Array, hu: Float32Array): boolean {
  const ml = millilitres(voxels.length);
  if (ml <= 3) return false;
  const values = Float32Array.from(voxels, (at) => hu[at]).sort();
  const median = quantile(values, 0.5);
  return (ml > 60 && median > -945) || (median > -900 && quantile(values, 0.05) > -930);
}

/** Of values in ascending order, linear between them (numpy's default). */
function quantile(sorted: Float32Array, part: number): number {
  const at = part * (sorted.length - 1);
  const lower = sorted[Math.floor(at)];
  return lower + (at - Math.floor(at)) * (sorted[Math.ceil(at)] - lower);
}

/** Parts of the lung's components that are gas and nothing else, such as a stomach's that touches the lung. */
function pureGas(hu: Float32Array, lung: Uint8Array, shape: Vec3): Uint8Array {
  const mean = boxMean(hu, shape, 1);
  const parts = partsOf(
    maskWhere(hu.length, (i) => lung[i] === 1 && mean[i] < -955),
    shape,
  );
  return joinedParts(parts, [false, ...parts.sizes.map((size) => millilitres(size) > 8)]);
}
