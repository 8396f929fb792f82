import type { HeldOutImage } from '../../contract/train-request.ts';
import type { SegmentationModel } from '../../core/model/segmentation-model.ts';
import { planTiles } from '../../core/segment/2-tile/plan-tiles.ts';
import { predictPlanes, type RunNetwork } from '../../core/segment/3-predict/predict-planes.ts';
import { decideCodes } from '../../core/segment/5-restore/decide-voxels.ts';
import { diceByLabel } from '../../core/segment/6-measure/dice.ts';
import { voxelCount } from '../../core/volume/volume.ts';
import type { LabelledImage } from './train-images.ts';

/** Dice of each label on a whole image, segmented as inference does it, on the grid of the network. */
export async function measureHeldOut(
  image: LabelledImage,
  model: SegmentationModel,
  names: readonly string[],
  runNetwork: RunNetwork,
): Promise<HeldOutImage> {
  const predicted = await segmentWhole(image, model, names.length, runNetwork);
  return {
    name: image.name,
    labels: diceByLabel(image.labels, predicted).map(({ value, dice, voxelsA, voxelsB }) => ({
      value,
      name: names[value]!,
      dice,
      referenceVoxels: voxelsA,
      predictedVoxels: voxelsB,
    })),
  };
}

async function segmentWhole(
  { data, shape }: LabelledImage,
  model: SegmentationModel,
  classes: number,
  runNetwork: RunNetwork,
): Promise<Uint8Array> {
  const labels = new Uint8Array(voxelCount(shape));
  const plane = shape[1] * shape[2];
  const logits = new Float32Array(classes * plane);
  const planes = predictPlanes({
    data,
    inputChannels: 1,
    shape,
    plan: planTiles(model, shape),
    mirrorAxes: model.mirrorAxes,
    folds: 1,
    outputChannels: classes,
    foldsAre: 'mean',
    firstPlane: 0,
    runNetwork,
    onTile: () => undefined,
  });
  for await (const { index, take } of planes) {
    take(logits, 0);
    labels.set(decideCodes(logits, model.decision), index * plane);
  }
  return labels;
}
