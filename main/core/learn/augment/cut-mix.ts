import type { SeededRandom } from '../../random/seeded-random.ts';
import { boxShape, type Box } from '../../volume/box.ts';
import type { Vec3 } from '../../volume/volume.ts';

/** [...patch] each; of one channel. */
export interface LabelledPatch {
  readonly image: Float32Array;
  readonly labels: Uint8Array;
}

/**
 * The part of a patch that is beyond a plane across a random axis: between a quarter and three quarters of it. CutMix (Yun et al.
 * 2019) cuts rectangles out; a plane leaves what is enclosed by a body enclosed.
 */
export function drawCut(patch: Vec3, random: SeededRandom): Box {
  const axis = random.below(3);
  const size = patch[axis]!;
  const at = (size >> 2) + random.below((size >> 1) + 1);
  const isFirst = random.below(2) === 0;
  const start = patch.map((_, each) => (each === axis && !isFirst ? at : 0)) as unknown as Vec3;
  const end = patch.map((full, each) => (each === axis && isFirst ? at : full)) as unknown as Vec3;
  return { start, end };
}

/** Puts what another patch has in a box there. */
export function mixIn(drawn: LabelledPatch, other: LabelledPatch, [, rows, columns]: Vec3, box: Box): void {
  const [depth, height, width] = boxShape(box);
  const [z0, y0, x0] = box.start;
  for (let z = z0; z < z0 + depth; z++) {
    for (let y = y0; y < y0 + height; y++) {
      const at = (z * rows + y) * columns + x0;
      drawn.image.set(other.image.subarray(at, at + width), at);
      drawn.labels.set(other.labels.subarray(at, at + width), at);
    }
  }
}
