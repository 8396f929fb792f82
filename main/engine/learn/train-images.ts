import { AppFailure } from '../../contract/app-error.ts';
import type { TrainImage, TrainRequest } from '../../contract/train-request.ts';
import { resampleLabels } from '../../core/learn/labels/labels-on-network-grid.ts';
import { cutSlices, slicesOf } from '../../core/learn/recipe/cut-slices.ts';
import { RecipeError, type TrainRecipe } from '../../core/learn/recipe/train-recipe.ts';
import { ctNormalization, drawIntensities } from '../../core/learn/train/foreground-intensities.ts';
import type { Normalization, SegmentationModel } from '../../core/model/segmentation-model.ts';
import { SeededRandom } from '../../core/random/seeded-random.ts';
import { resampledShape, TooManyVoxelsError } from '../../core/segment/1-preprocess/resampled-shape.ts';
import { voxelCount, type Grid, type Vec3, type Volume } from '../../core/volume/volume.ts';
import { loadLabelmap } from '../load-labelmap.ts';
import { loadVolume } from '../load-volume.ts';
import { preprocessVolumes } from '../preprocess-volume.ts';
import { createTaskRunner, type TaskContext } from '../task-runner.ts';

/** An image as the network sees it, with a label for each voxel. */
export interface LabelledImage {
  readonly name: string;
  /** [1, d0, d1, d2] */
  readonly data: Float32Array;
  /** [d0, d1, d2] */
  readonly labels: Uint8Array;
  readonly shape: Vec3;
}

export interface TrainImages {
  readonly learn: readonly LabelledImage[];
  readonly heldOut: readonly LabelledImage[];
  readonly normalization: Normalization;
}

/** All that inference has to know but for the normalisation, which the images give. */
export type ModelOf = (normalization: Normalization) => SegmentationModel;

/**
 * Reads the images twice: their labels first, which say what the intensities are normalised by, then what the network sees.
 * One image as it was read is in memory at a time. Throws AppFailure as `loadVolume` and `loadLabelmap` do, `usage` where
 * nothing is labelled to learn from or to judge by.
 */
export async function readTrainImages(
  { recipe, images, heldOut }: Pick<TrainRequest, 'recipe' | 'images' | 'heldOut'>,
  modelOf: ModelOf,
  random: SeededRandom,
  { onProgress, ...context }: TaskContext,
): Promise<TrainImages> {
  const total = 2 * (images.length + heldOut.length);
  let done = 0;
  const tell = () => onProgress?.(++done, total);
  const all = [...images, ...heldOut];
  const labels: LabelsOfImage[] = [];
  const intensities: Float32Array[] = [];
  for (const [index, image] of all.entries()) {
    const read = await readPart(image, context);
    const found = await labelsOf(image, read, recipe, context);
    labels.push(found);
    if (index < images.length)
      intensities.push(drawIntensities(read.volume, found.labels, found.shape, random));
    tell();
  }
  if (labels.slice(images.length).every(({ labels: found }) => found.every((label) => label === 0))) {
    const detail = 'Nothing but background is labelled in the images that are held out to judge by.';
    throw new AppFailure({ code: 'usage', detail });
  }
  const normalization = normalizationOf(recipe, intensities);
  const model = modelOf(normalization);
  const read: LabelledImage[] = [];
  for (const [index, image] of all.entries()) {
    const { volume } = await readPart(image, context);
    const { data, shape } = await preprocessVolumes([volume], model, context);
    const found = labels[index]!.labels;
    if (found.length !== voxelCount(shape)) throw new Error(`labels on another grid than ${image.name}`);
    read.push({ name: image.name, data, labels: found, shape });
    tell();
  }
  return { learn: read.slice(0, images.length), heldOut: read.slice(images.length), normalization };
}

/** Throws AppFailure `usage` where the labels leave nothing to learn, or to scale by. */
function normalizationOf(recipe: TrainRecipe, intensities: readonly Float32Array[]): Normalization {
  if (intensities.every(({ length }) => length === 0)) {
    const detail = 'Nothing but background is labelled in the images to learn on.';
    throw new AppFailure({ code: 'usage', detail });
  }
  if (recipe.normalization !== 'ct') return { kind: 'zscore', useMask: false };
  const found = ctNormalization(intensities);
  if (found.std > 0) return found;
  const detail =
    'All labelled voxels of the images to learn on have the same intensity, so that it cannot be scaled.';
  throw new AppFailure({ code: 'usage', detail });
}

interface ReadPart {
  readonly volume: Volume;
  /** Of the image that it is a part of. */
  readonly whole: Grid;
  readonly slices: readonly [number, number];
}

async function readPart({ source, part }: TrainImage, context: TaskContext): Promise<ReadPart> {
  const image = await loadVolume(source, context);
  try {
    const slices = slicesOf(part, image);
    return { volume: cutSlices(image, slices), whole: image.grid, slices };
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error;
    const path = source.kind === 'nifti' ? source.path : source.volume.id;
    throw new AppFailure({ code: 'input-refused', path, detail: error.message });
  }
}

interface LabelsOfImage {
  readonly labels: Uint8Array;
  readonly shape: Vec3;
}

async function labelsOf(
  image: TrainImage,
  read: ReadPart,
  recipe: TrainRecipe,
  context: TaskContext,
): Promise<LabelsOfImage> {
  const { volume } = read;
  const { shapeZyx, spacingZyxMm } = volume.grid;
  const shape = shapeAt(spacingZyxMm, shapeZyx, recipe.spacingMm);
  if (image.labels === null) {
    const { labels } = await createTaskRunner(context).run('labelByRule', { volume });
    return { labels, shape };
  }
  const values = recipe.labels.names.map((_, value) => value).slice(1);
  const drawn = await loadLabelmap({ ...image.labels, image: image.source, values }, context);
  const { voxels } = cutSlices({ voxels: drawn, grid: read.whole }, read.slices);
  return { labels: resampleLabels(voxels as Uint8Array, shapeZyx, shape), shape };
}

function shapeAt(spacingMm: Vec3, shape: Vec3, target: Vec3): Vec3 {
  try {
    return resampledShape(shape, spacingMm, target);
  } catch (error) {
    if (!(error instanceof TooManyVoxelsError)) throw error;
    throw new AppFailure({ code: 'out-of-memory', device: 'cpu', detail: error.message });
  }
}
