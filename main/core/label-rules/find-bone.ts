import { boxMean } from '../volume/filter/smooth-volume.ts';
import type { Ct } from './ct.ts';
import { filledInSlices } from './fill-holes.ts';
import { millilitres } from './grid-units.ts';
import { maskWhere, partsOf, partsWhere, partsWithCore } from './mask.ts';
import { closed } from './morphology.ts';

const leastHu = 150;
const leastCoreHu = 280;
const leastPeakHu = 330;
const leastMl = 0.6;
const closingRadius = 2;
const leastClosedHu = 20;
const largestHole = 30;
const blood = { leastMl: 6, mostDeviationHu: 45, mostHu: 520 };

/**
 * Rule 5: bone, with its marrow where a slice shows bone all round it. What is bright, large and even is blood with
 * contrast medium.
 *
 * @param where voxels that may be bone
 */
export function findBone(ct: Ct, where: Uint8Array): Uint8Array {
  const { hu, smooth, shape } = ct;
  const bright = maskWhere(hu.length, (i) => where[i] === 1 && smooth[i] > leastHu);
  const cored = partsWithCore(bright, shape, (i) => hu[i] > leastCoreHu);
  const filled = contrastFilled(ct, cored);
  const hard = withPeak(
    ct,
    maskWhere(hu.length, (i) => cored[i] === 1 && filled[i] === 0),
  );
  const round = closed(hard, shape, closingRadius);
  const bone = maskWhere(hu.length, (i) => hard[i] === 1 || (round[i] === 1 && hu[i] > leastClosedHu));
  const whole = filledInSlices(bone, shape, largestHole);
  return maskWhere(hu.length, (i) => whole[i] === 1 && where[i] === 1);
}

/** Parts that are not tiny and somewhere as hard as bone. */
function withPeak({ hu, shape }: Ct, mask: Uint8Array): Uint8Array {
  const hard = partsWithCore(mask, shape, (i) => hu[i] > leastPeakHu);
  return partsWhere(partsOf(hard, shape), (_, voxels) => millilitres(voxels) > leastMl);
}

/** Large, bright and even regions: vessels and heart chambers. */
function contrastFilled({ hu, shape }: Ct, bright: Uint8Array): Uint8Array {
  const mean = boxMean(hu, shape, 1);
  const squares = hu.map((value) => value * value);
  const meanSquare = boxMean(squares, shape, 1);
  const isEven = (i: number) => meanSquare[i] - mean[i] ** 2 < blood.mostDeviationHu ** 2;
  const even = maskWhere(hu.length, (i) => bright[i] === 1 && hu[i] < blood.mostHu && isEven(i));
  return partsWhere(partsOf(even, shape), (_, voxels) => millilitres(voxels) > blood.leastMl);
}
