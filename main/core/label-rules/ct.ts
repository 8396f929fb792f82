import { gaussianSmoothed } from '../volume/filter/smooth-volume.ts';
import type { Vec3 } from '../volume/volume.ts';

/** What the rules look at: a CT on their grid of 3 mm. */
export interface Ct {
  /** HU, [z, y, x] of `shape`; axis 0 along the patient, axis 2 from side to side. */
  readonly hu: Float32Array;
  /** `hu`, lightly smoothed. */
  readonly smooth: Float32Array;
  readonly shape: Vec3;
}

/**
 * In voxels. The rules leave it open; this gives the bone and lung of the given labels (their overlaps in the model's
 * README, with the model and with TotalSegmentator), where 0.6 and 0.8 make bone too small.
 */
const sigma = 0.5;

export function smoothCt(hu: Float32Array, shape: Vec3): Ct {
  return { hu, smooth: gaussianSmoothed(hu, shape, sigma), shape };
}
