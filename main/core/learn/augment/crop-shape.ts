import type { Vec3 } from '../../volume/volume.ts';
import type { AugmentRecipe } from './augment-recipe.ts';

/** nnU-Net's, which is not quite the range that it scales in. */
const leastScale = 0.85;

/**
 * Size of the crop that a patch is cut from, so that it can be turned and still be full (as nnU-Net's get_patch_size: the
 * corners turned about each axis by itself). As odd or even as the patch, so that both have the same middle.
 */
export function cropShape(patch: Vec3, { rotation, scaling, inPlane }: AugmentRecipe): Vec3 {
  if (rotation.probability === 0 && scaling.probability === 0) return patch;
  const angle = rotation.probability === 0 ? 0 : Math.max(...rotation.range.map(Math.abs));
  const part = scaling.probability === 0 ? 1 : leastScale;
  return patch.map((size, axis) => {
    if (inPlane && axis === 0) return size;
    const others = patch.filter((_, other) => other !== axis && !(inPlane && other === 0));
    const widest = Math.max(...others.map((other) => turned(size, other, angle)));
    return size + 2 * Math.ceil((widest / part - size) / 2);
  }) as unknown as Vec3;
}

/** How long a side can become while the corner that it shares with another is turned. */
function turned(size: number, other: number, most: number): number {
  const angle = Math.min(most, Math.atan2(other, size));
  return size * Math.cos(angle) + other * Math.sin(angle);
}
