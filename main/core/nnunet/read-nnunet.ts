import { makeLabel } from '../model/coded-terms.ts';
import { ModelFormatError } from '../model/model-format-error.ts';
import type { Normalization, SegmentationModel } from '../model/segmentation-model.ts';
import type { OnnxModel } from '../onnx/onnx-file.ts';
import { planNetwork } from './build-network.ts';
import { readDataset, type Dataset } from './dataset.ts';
import { fillWeights } from './fill-weights.ts';
import { readPlans, type Plans } from './plans.ts';
import type { Checkpoint } from './torch-checkpoint.ts';
import { checkTrainer } from './trainers.ts';

/** What the files of an nnU-Net v2 model folder say, apart from the weights. */
export interface NnunetDescription {
  readonly plans: Plans;
  readonly dataset: Dataset;
}

/** Parses plans.json and dataset.json. Throws ModelFormatError. */
export function describeNnunet(
  plansJson: unknown,
  datasetJson: unknown,
  configuration: string,
): NnunetDescription {
  return { plans: readPlans(plansJson, configuration), dataset: readDataset(datasetJson) };
}

/** The ONNX network of one fold. Throws ModelFormatError where checkpoint and plans do not fit together. */
export async function buildFold(
  { plans, dataset }: NnunetDescription,
  checkpoint: Checkpoint,
): Promise<OnnxModel> {
  checkTrainer(checkpoint.trainerName);
  if (checkpoint.configuration !== null && checkpoint.configuration !== plans.configuration)
    throw new ModelFormatError(
      `the checkpoint is of configuration ${checkpoint.configuration}, not ${plans.configuration}`,
    );
  const heads = dataset.decision.values.length;
  return fillWeights(planNetwork(plans.architecture, dataset.channels.length, heads), checkpoint);
}

/**
 * How nnU-Net's nnUNetPredictor would run this model. TotalSegmentator's networks (Dataset29x) are resampled by
 * its own rule. Throws ModelFormatError for a reader or a normalisation that is not known, by name.
 */
export function nnunetModel(
  { plans, dataset }: NnunetDescription,
  checkpoints: readonly Pick<Checkpoint, 'mirrorAxes' | 'trainerName'>[],
): SegmentationModel {
  const [first] = checkpoints;
  const mirrorAxes = first?.mirrorAxes ?? [];
  if (checkpoints.some((checkpoint) => (checkpoint.mirrorAxes ?? []).join() !== mirrorAxes.join()))
    throw new ModelFormatError('the folds do not agree on the axes of mirroring');
  return {
    name: `${plans.datasetName} ${plans.configuration}`,
    source: 'nnunet',
    channels: dataset.channels.map((name, channel) => ({
      name,
      modality: modalityOf(name),
      normalization: normalizationOf(plans, channel),
    })),
    labels: dataset.labels.map(({ value, name }) => makeLabel(value, name)),
    decision: dataset.decision,
    orientation: orientationOf(dataset.readerOverride ?? plans.reader),
    transposeForward: plans.transposeForward,
    spacingMm: plans.spacingMm,
    patch: plans.patch,
    tiling: { kind: 'gaussian', step: 0.5 },
    mirrorAxes,
    cropToNonzero: true,
    resampling: resamplingOf(plans),
    licence: dataset.licence,
  };
}

/**
 * nnunetv2/imageio: the readers hand over z, y, x. Those "WithReorient" first turn the image to the closest RAS, so
 * that the indices of z, y, x grow towards S, A, R.
 */
function orientationOf(reader: string): string {
  if (reader === 'SimpleITKIO' || reader === 'NibabelIO') return 'as-read';
  if (reader === 'NibabelIOWithReorient' || reader === 'SimpleITKIOWithReorient') return 'SAR';
  throw new ModelFormatError(`the model reads images with ${reader}, which is not supported`);
}

/** nnunetv2/preprocessing/normalization/default_normalization_schemes.py. */
function normalizationOf(plans: Plans, channel: number): Normalization {
  const scheme = plans.normalizationSchemes[channel];
  switch (scheme) {
    case 'CTNormalization':
      return ctNormalization(plans, channel);
    case 'ZScoreNormalization':
      return { kind: 'zscore', useMask: plans.useMaskForNorm[channel] ?? false };
    case 'NoNormalization':
      return { kind: 'none' };
    case 'RescaleTo01Normalization':
      return { kind: 'min-max' };
    case 'RGBTo01Normalization':
      return { kind: 'rgb-to-01' };
    default:
      throw new ModelFormatError(
        scheme === undefined
          ? `plans.json has no normalisation for channel ${channel}`
          : `channel ${channel} is normalised by ${scheme}, which is not supported`,
      );
  }
}

function ctNormalization(plans: Plans, channel: number): Normalization {
  const intensities = plans.intensities[String(channel)];
  if (!intensities)
    throw new ModelFormatError(`plans.json has no intensity statistics for channel ${channel}`);
  const { percentile_00_5: lower, percentile_99_5: upper, mean, std } = intensities;
  if (!(lower < upper)) throw new ModelFormatError(`plans.json clips channel ${channel} to nothing`);
  return { kind: 'ct', lower, upper, mean, std };
}

/** Splines that preprocessing implements (`SplineOrder`). */
const dataOrders: readonly number[] = [0, 1, 3];

const totalSegmentator = /^Dataset29\d_TotalSegmentator/;

function resamplingOf({ datasetName, resampling }: Plans): SegmentationModel['resampling'] {
  // TotalSegmentator zooms the image to the model's spacing itself (order 3 in the releases its networks were
  // published with), and its labels back by nearest neighbour; nnU-Net then finds nothing to resample.
  if (totalSegmentator.test(datasetName)) return { kind: 'totalsegmentator', dataOrder: 3 };
  const { data, logits } = resampling;
  for (const order of [data.order, data.order_z]) {
    if (!dataOrders.includes(order))
      throw new ModelFormatError(`the images are resampled with order ${order}; 0, 1 and 3 are supported`);
  }
  if (data.force_separate_z !== logits.force_separate_z)
    throw new ModelFormatError('plans.json separates z differently for images and for logits');
  if (logits.order > 1 || logits.order_z > 1)
    throw new ModelFormatError(`the logits are resampled with order ${logits.order}, which is not supported`);
  return {
    kind: 'nnunet',
    dataOrder: data.order,
    dataOrderZ: data.order_z,
    logitsOrder: logits.order,
    logitsOrderZ: logits.order_z,
    forceSeparateZ: data.force_separate_z,
  };
}

/** nnU-Net's channel names are free text; these are customary. The value is DICOM's Modality (PS3.3 C.7.3.1.1.1). */
function modalityOf(channel: string): string {
  const name = channel.toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (name.startsWith('CT')) return 'CT';
  if (name === 'PET' || name === 'PT') return 'PT';
  if (/^(MR|T1|T2|FLAIR|ADC|DWI|PD)/.test(name)) return 'MR';
  return '';
}
