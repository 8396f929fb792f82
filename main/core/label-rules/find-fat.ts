import type { Ct } from './ct.ts';
import { maskWhere } from './mask.ts';
import { dilated, eroded } from './morphology.ts';

const leastHu = -200;
const mostHu = -30;

/**
 * Rule 6: fat by its HU, away from air, whose edges have the HU of fat: not in the body's outermost layer, nor beside
 * lung or gas.
 *
 * @param air lung, trachea and gas
 */
export function findFat({ smooth, shape }: Ct, body: Uint8Array, air: Uint8Array): Uint8Array {
  const inside = eroded(body, shape, 1);
  const besideAir = dilated(air, shape, 1);
  const isFatty = (hu: number) => hu >= leastHu && hu <= mostHu;
  return maskWhere(smooth.length, (i) => isFatty(smooth[i]) && inside[i] === 1 && besideAir[i] === 0);
}
