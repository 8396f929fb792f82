import type { Ct } from './ct.ts';
import { maskWhere, partsWithCore } from './mask.ts';
import { dilated, eroded } from './morphology.ts';

const mostHu = -300;
const mostCoreHu = -500;
const metalHu = 2000;
const metalReach = 10;
/** The rules say "not at the skin" and "not hugging the lung" alone. */
const skinDepth = 3;
const lungReach = 1;

/**
 * Rule 4: gas outside lung and trachea, such as the bowel's: what is dark round a core that is darker. Left out are
 * the skin, where air outside makes voxels dark, the edge of the lung for the same reason, and the streaks that metal
 * throws.
 *
 * @param airways lung and trachea
 */
export function findGas({ hu, shape }: Ct, body: Uint8Array, airways: Uint8Array): Uint8Array {
  const inside = eroded(body, shape, skinDepth);
  const besideLung = dilated(airways, shape, lungReach);
  const metal = maskWhere(hu.length, (i) => hu[i] > metalHu);
  const besideMetal = dilated(metal, shape, metalReach);
  const isExcluded = (i: number) => inside[i] === 0 || besideLung[i] === 1 || besideMetal[i] === 1;
  const dark = maskWhere(hu.length, (i) => hu[i] < mostHu && !isExcluded(i));
  return partsWithCore(dark, shape, (i) => hu[i] < mostCoreHu);
}
