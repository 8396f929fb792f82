import { voxelCount, type Vec3 } from '../volume/volume.ts';
import { smoothCt } from './ct.ts';
import { findBody } from './find-body.ts';
import { findBone } from './find-bone.ts';
import { findFat } from './find-fat.ts';
import { findGas } from './find-gas.ts';
import { findLung } from './find-lung.ts';
import { findTrachea, type Top } from './find-trachea.ts';
import { maskWhere } from './mask.ts';
import { smoothedLabels } from './smooth-labels.ts';

/** Labels of the CT tissue model, in the order of its `dataset.json`. */
export const ctTissue = { background: 0, softTissue: 1, fat: 2, lung: 3, bone: 4, gas: 5 } as const;

const labelCount = 6;
const smoothingSigma = 0.6;

/**
 * Labels a CT by the rules by which the labels of the bundled CT tissue model were made (its README, "Labels"): no
 * reader's judgement, and no network. They hold for trunks of adults on a grid of 3 mm (`toRulesGrid`).
 *
 * @param hu HU, [z, y, x]: axis 0 along the patient, axis 2 from side to side
 * @param top which end of axis 0 is nearer to the head
 * @returns `ctTissue` labels, [z, y, x]
 */
export function labelCtTissue(hu: Float32Array, shapeZyx: Vec3, top: Top): Uint8Array {
  if (hu.length !== voxelCount(shapeZyx)) {
    throw new RangeError(
      `${hu.length} voxels are not the ${voxelCount(shapeZyx)} of ${shapeZyx.join(' × ')}.`,
    );
  }
  const ct = smoothCt(hu, shapeZyx);
  const body = findBody(ct);
  const lung = findLung(ct, body);
  const trachea = findTrachea(ct, body, top);
  const airways = maskWhere(hu.length, (i) => lung[i] === 1 || trachea[i] === 1);
  const gas = findGas(ct, body, airways);
  const air = maskWhere(hu.length, (i) => airways[i] === 1 || gas[i] === 1);
  const solid = maskWhere(hu.length, (i) => body[i] === 1 && air[i] === 0);
  const bone = findBone(ct, solid);
  const fat = findFat(ct, body, air);
  const labels = new Uint8Array(hu.length);
  for (let i = 0; i < labels.length; i++) {
    if (body[i] === 0) continue;
    if (gas[i] === 1 || trachea[i] === 1) labels[i] = ctTissue.gas;
    else if (lung[i] === 1) labels[i] = ctTissue.lung;
    else if (bone[i] === 1) labels[i] = ctTissue.bone;
    else if (fat[i] === 1) labels[i] = ctTissue.fat;
    else labels[i] = ctTissue.softTissue;
  }
  return smoothedLabels(labels, shapeZyx, labelCount, smoothingSigma);
}
