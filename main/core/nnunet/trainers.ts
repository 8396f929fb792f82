import { ModelFormatError } from '../model/model-format-error.ts';

/**
 * What a trainer's name may be made of. Each of these changes how a network is trained (epochs, learning rate,
 * augmentation, loss, sampling) and neither the network nor its inference; mirroring, which some of them do
 * change, is recorded in the checkpoint. Trainers that build another network (…BN, …HRNet, …STUNet) or that we
 * have never seen are refused.
 */
const harmless = [
  '\\d+k?_?ep(?:ochs?)?',
  '\\d+k',
  'NoMirroring',
  'onlyMirror01',
  'DA5',
  'DA5Segord0',
  'DA5ord0',
  'DAOrd0',
  'DASegOrd0',
  'NoDA',
  'noDummy2DDA',
  'fasterDA',
  'CELoss',
  'DiceLoss',
  'DiceCELoss',
  'noSmooth',
  'TopK10Loss',
  'DiceTopK10Loss',
  'CosAnneal',
  'warmup',
  'Adam',
  'Adan',
  'vanillaAdam(?:1en3|3en4)?',
  'NoDeepSupervision',
  'betterIgnoreSampling',
  'probabilisticOversampling(?:_\\d+)?',
  'MOSAIC',
  'QuarterLR',
  'SkeletonRecall',
  'lr\\d*',
].join('|');

const knownTrainer = new RegExp(`^nnUNetTrainer(?:_?(?:${harmless}))*$`);

/** Throws ModelFormatError, by name, for a trainer that may infer otherwise than nnUNetTrainer does. */
export function checkTrainer(name: string): void {
  if (name.length > 200 || !knownTrainer.test(name))
    throw new ModelFormatError(`the model was trained by ${name.slice(0, 200)}, a trainer that is not known`);
}
