import type { Preprocessed, RestorePlan } from '../../segment/1-preprocess/preprocessed.ts';
import { boxShape } from '../../volume/box.ts';
import { identityOrientation } from '../../volume/orientation.ts';
import { samplePositions } from '../../volume/resample/axis-plan.ts';
import { heaviestLabel } from '../../volume/resample/vote-label.ts';
import { cropView, denseView, orientView } from '../../volume/strided-view.ts';
import { voxelCount, type Vec3 } from '../../volume/volume.ts';

/** What of an image's preprocessing says where its voxels went. */
export interface NetworkGrid extends Pick<Preprocessed, 'shape' | 'croppedShape'> {
  readonly restore: Pick<RestorePlan, 'inputShapeZyx' | 'permutation' | 'flips' | 'box' | 'zoomed'>;
}

/** Labels [...from] on another grid [...to] over the same extent, as `labelsOnNetworkGrid`. */
export function resampleLabels(labels: Uint8Array, from: Vec3, to: Vec3): Uint8Array {
  const box = { start: [0, 0, 0] as Vec3, end: from };
  const restore = { inputShapeZyx: from, ...identityOrientation, box, zoomed: null };
  return labelsOnNetworkGrid(labels, { shape: to, croppedShape: from, restore });
}

/**
 * Labels of an image on the grid that a network sees of it: cropped, turned and resampled as the image was. Each voxel gets the label
 * that weighs most around its middle (as nnU-Net's resize_segmentation of order 1).
 *
 * @param labels z, y, x on the grid of the image
 * @returns d0, d1, d2 in network axes, as `shape`
 */
export function labelsOnNetworkGrid(
  labels: Uint8Array,
  { shape, croppedShape, restore }: NetworkGrid,
): Uint8Array {
  const { offset, strides } = cropView(orientView(denseView(restore.inputShapeZyx), restore), restore.box);
  const [a0, a1, a2] = ([0, 1, 2] as const).map((axis) =>
    stepsOf(pointsOf(shape, croppedShape, restore, axis), croppedShape[axis], strides[axis]),
  ) as [Steps, Steps, Steps];
  const into = new Uint8Array(voxelCount(shape));
  const near = new Uint8Array(8);
  const weights = new Float64Array(8);
  let index = 0;
  for (let i = 0; i < shape[0]; i++) {
    const [lz, hz] = [offset + a0.low[i]!, offset + a0.high[i]!];
    for (let j = 0; j < shape[1]; j++) {
      const [ll, lh, hl, hh] = [lz + a1.low[j]!, lz + a1.high[j]!, hz + a1.low[j]!, hz + a1.high[j]!];
      for (let k = 0; k < shape[2]; k++) {
        const l = a2.low[k]!;
        const h = a2.high[k]!;
        near[0] = labels[ll + l]!;
        near[1] = labels[ll + h]!;
        near[2] = labels[lh + l]!;
        near[3] = labels[lh + h]!;
        near[4] = labels[hl + l]!;
        near[5] = labels[hl + h]!;
        near[6] = labels[hh + l]!;
        near[7] = labels[hh + h]!;
        into[index++] = isOne(near)
          ? near[0]
          : heaviestLabel(near, weights, a0.part[i]!, a1.part[j]!, a2.part[k]!);
      }
    }
  }
  return into;
}

/** Along an axis: offsets of the two voxels that each point is between, and how far it is from the first. */
interface Steps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly part: Float64Array;
}

function stepsOf(points: Float64Array, size: number, stride: number): Steps {
  const within = points.map((point) => Math.min(size - 1, Math.max(0, point)));
  return {
    low: Int32Array.from(within, (point) => Math.floor(point) * stride),
    high: Int32Array.from(within, (point) => Math.min(size - 1, Math.floor(point) + 1) * stride),
    part: within.map((point) => point - Math.floor(point)),
  };
}

/** Where the voxels of the network's grid lie along an axis of the cropped grid. */
function pointsOf(
  shape: Vec3,
  croppedShape: Vec3,
  { zoomed }: NetworkGrid['restore'],
  axis: 0 | 1 | 2,
): Float64Array {
  if (!zoomed) return samplePositions(croppedShape[axis], shape[axis], 'half-pixel');
  const all = samplePositions(croppedShape[axis], zoomed.shape[axis], 'aligned-corners');
  const start = zoomed.box.start[axis];
  return all.subarray(start, start + boxShape(zoomed.box)[axis]);
}

function isOne(near: Uint8Array): boolean {
  for (let corner = 1; corner < 8; corner++) if (near[corner] !== near[0]) return false;
  return true;
}
