import type { Vec3 } from '../volume/volume.ts';
import { joinedParts, maskWhere, partsOf } from './mask.ts';
import { dilated, eroded } from './morphology.ts';

const mostHu = -300;
const mostCoreHu = -500;
const metalHu = 2000;
const metalReach = 10;
const skinDepth = 3;
const lungReach = 1;

/**
 * Rule 4: gas outside lung and trachea, such as the bowel's: what is dark round a core that is darker. Left out are
 * the skin, where air outside makes voxels dark, the edge of the lung for the same reason, and the streaks that metal
 * throws.
 *
 * @param hu [z, y, x] on the rules' grid
 * @param airways lung and trachea
 */
export function findGas(hu: Float32Array, body: Uint8Array, airways: Uint8Array, shape: Vec3): Uint8Array {
  const inside = eroded(body, shape, skinDepth);
  const besideLung = dilated(airways, shape, lungReach);
  const metal = dilated(
    maskWhere(hu.length, (i) => hu[i] > metalHu),
    shape,
    metalReach,
  );
  const dark = maskWhere(
    hu.length,
    (i) => hu[i] < mostHu && inside[i] === 1 && besideLung[i] === 0 && metal[i] === 0,
  );
  return grownFrom(dark, (i) => hu[i] < mostCoreHu, shape);
}

/** The parts of a mask that hold a core. */
export function grownFrom(mask: Uint8Array, isCore: (at: number) => boolean, shape: Vec3): Uint8Array {
  const parts = partsOf(mask, shape);
  const hasCore = new Array<boolean>(parts.sizes.length + 1).fill(false);
  for (let i = 0; i < mask.length; i++)
    if (parts.partOf[i] !== 0 && isCore(i)) hasCore[parts.partOf[i]] = true;
  return joinedParts(parts, hasCore);
}
