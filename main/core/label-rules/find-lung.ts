import { boxMean } from '../volume/filter/smooth-volume.ts';
import type { Ct } from './ct.ts';
import { filledInSlices } from './fill-holes.ts';
import { millilitres } from './grid-units.ts';
import { maskWhere, partsOf, partsWhere, voxelsOfParts } from './mask.ts';
import { closed, dilated, opened } from './morphology.ts';

const mostHu = -420;
const openingRadius = 1;
/** How far what the opening took comes back; the rules are silent, but the given lungs hold it (see `Ct`). */
const regrowth = 3;
const closingRadius = 2;
const largestHole = 12;

/**
 * Rule 2: dark parts of the body that are too dense for gas alone: lung holds blood and tissue. Small vessels are
 * inside.
 */
export function findLung(ct: Ct, body: Uint8Array): Uint8Array {
  const { hu, smooth, shape } = ct;
  const dark = maskWhere(hu.length, (i) => body[i] === 1 && smooth[i] < mostHu);
  const parts = partsOf(opened(dark, shape, openingRadius), shape);
  const isLung = voxelsOfParts(parts).map((voxels) => isLungLike(voxels, hu));
  const cores = partsWhere(parts, (part) => isLung[part]);
  const gas = pureGas(ct, cores);
  // Nothing of what the opening parted from lung.
  const isOther = (i: number) => parts.partOf[i] !== 0 && !isLung[parts.partOf[i]];
  const near = dilated(cores, shape, regrowth);
  const lung = maskWhere(hu.length, (i) => near[i] === 1 && dark[i] === 1 && gas[i] === 0 && !isOther(i));
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

/** Parts of a lung's component that are gas and nothing else, such as a stomach's that touches it. */
function pureGas({ hu, shape }: Ct, lung: Uint8Array): Uint8Array {
  const mean = boxMean(hu, shape, 1);
  const empty = maskWhere(hu.length, (i) => lung[i] === 1 && mean[i] < -955);
  return partsWhere(partsOf(empty, shape), (_, voxels) => millilitres(voxels) > 8);
}
