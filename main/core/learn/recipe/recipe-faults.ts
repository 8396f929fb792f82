import type { Vec3 } from '../../volume/volume.ts';
import { cube } from './recipe-architecture.ts';
import type { RecipePart, TrainRecipe } from './train-recipe.ts';

/** Where, and what is wrong there. */
type Fault = readonly [path: string[], message: string];

type Checked = Omit<TrainRecipe, '$schema'>;

/** What a recipe cannot mean although each of its entries is valid by itself. */
export function faultsOf(recipe: Checked): Fault[] {
  return [
    ...networkFaults(recipe),
    ...trainingFaults(recipe),
    ...intensityFaults(recipe),
    ...recastFaults(recipe),
    ...labelFaults(recipe),
    ...partFaults(recipe),
  ];
}

/** The network's strides, and the patches that it takes with these. */
function networkFaults({ network, training, patch }: Checked): Fault[] {
  const faults: Fault[] = [];
  if (network.strides.length !== network.features.length)
    faults.push([['network', 'strides'], 'must be as many as there are features']);
  if (cube(network.strides[0]!).some((stride) => stride !== 1))
    faults.push([['network', 'strides'], 'must begin with 1']);
  const down = ([0, 1, 2] as const).map((axis) =>
    network.strides.map((stride) => cube(stride)[axis]).reduce((product, stride) => product * stride, 1),
  );
  const fits = (size: Vec3): boolean => size.every((each, axis) => each % down[axis]! === 0);
  if (!fits(patch))
    faults.push([['patch'], `must be divisible by ${down.join(', ')}, the network's strides`]);
  training.patches.forEach((each, index) => {
    if (!fits(each.patch))
      faults.push([
        ['training', 'patches', String(index), 'patch'],
        `must be divisible by ${down.join(', ')}`,
      ]);
  });
  return faults;
}

function trainingFaults({ network, training, labels }: Checked): Fault[] {
  const faults: Fault[] = [];
  training.patches.forEach(({ until }, index) => {
    if (until <= (training.patches[index - 1]?.until ?? 0))
      faults.push([['training', 'patches', String(index), 'until'], 'must grow']);
  });
  if (training.patches.at(-1)?.until !== 1)
    faults.push([['training', 'patches'], 'must end with one until 1']);
  if (training.scales > network.features.length - 1)
    faults.push([['training', 'scales'], 'must be fewer than the stages']);
  if (training.classWeights && training.classWeights.length !== labels.names.length)
    faults.push([['training', 'classWeights'], 'must be as many as there are labels']);
  const unknown = training.oversample.labels.find((name) => !labels.names.includes(name));
  if (unknown !== undefined)
    faults.push([['training', 'oversample', 'labels'], `has "${unknown}", which is no label`]);
  return faults;
}

/** Options in HU are for images that are normalised from HU. */
function intensityFaults({ training, normalization }: Checked): Fault[] {
  const faults: Fault[] = [];
  const { intensityShift, noise, recast } = training;
  const given = { intensityShift, noise, recast: recast.length > 0 };
  for (const [key, isGiven] of Object.entries(given)) {
    if (isGiven && normalization !== 'ct')
      faults.push([['training', key], 'is in HU, for the normalization ct']);
    if (isGiven && key !== 'recast' && !training.augment)
      faults.push([['training', key], 'is part of augmentation, which is off']);
  }
  return faults;
}

function recastFaults({ training, labels: { names } }: Checked): Fault[] {
  return training.recast.flatMap((recast, index) => {
    const path = ['training', 'recast', String(index)];
    const unknown = (['label', 'as'] as const).filter((key) => !names.includes(recast[key]));
    const faults = unknown.map((key): Fault => [[...path, key], `is "${recast[key]}", which is no label`]);
    if (recast.label === recast.as || recast.label === names[0])
      faults.push([[...path, 'label'], 'must be another one, and not the background']);
    return faults;
  });
}

function labelFaults({ labels: { names, rule }, spacingMm, channel }: Checked): Fault[] {
  const faults: Fault[] = [];
  if (rule === 'ct-tissue' && (spacingMm.some((each) => each !== 3) || channel.modality !== 'CT'))
    faults.push([['labels', 'rule'], 'is for CT at a spacing of 3 mm']);
  if (rule === 'ct-tissue' && names.length !== 6)
    faults.push([
      ['labels', 'names'],
      'must be the six of the rule: background, soft tissue, fat, lung, bone, gas',
    ]);
  if (new Set(names).size !== names.length) faults.push([['labels', 'names'], 'must differ']);
  return faults;
}

function partFaults({ parts }: Checked): Fault[] {
  const faults: Fault[] = [];
  parts.forEach(({ image, learn, holdOut }, index) => {
    const path = ['parts', String(index)];
    if (parts.findIndex((each) => each.image === image) < index)
      faults.push([path, `names ${image} again; give both parts of it together`]);
    if (learn && holdOut && !areApart(learn, holdOut))
      faults.push([path, 'must not hold out what is learnt from; give both in slices or both in mm']);
  });
  return faults;
}

function areApart(one: RecipePart, other: RecipePart): boolean {
  if (one === 'all' || other === 'all') return false;
  const ranges =
    'slices' in one && 'slices' in other
      ? [one.slices, other.slices]
      : 'mm' in one && 'mm' in other
        ? [one.mm, other.mm]
        : null;
  return ranges !== null && (ranges[0]![1] < ranges[1]![0] || ranges[1]![1] < ranges[0]![0]);
}
