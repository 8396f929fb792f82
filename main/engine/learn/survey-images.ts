import type { TuneImage } from '../../contract/tune-request.ts';
import { labelsOnNetworkGrid } from '../../core/learn/labels/labels-on-network-grid.ts';
import type { SegmentationModel } from '../../core/model/segmentation-model.ts';
import type { SeededRandom } from '../../core/random/seeded-random.ts';
import type { Preprocessed } from '../../core/segment/1-preprocess/preprocessed.ts';
import { loadLabelmap } from '../load-labelmap.ts';
import { prepareImage } from '../prepare-image.ts';
import type { TaskContext } from '../task-runner.ts';
import type { Lesson } from './lesson.ts';
import type { SurveyedImage } from './patch-sampler.ts';

/**
 * Reads the images and their labels, and looks where there is what. Throws AppFailure as `loadChannels`, `loadLabelmap` and
 * `preprocessVolumes` do, and `cancelled`.
 */
export async function surveyImages(
  images: readonly TuneImage[],
  model: SegmentationModel,
  findPlaces: Lesson['findPlaces'],
  random: SeededRandom,
  context: TaskContext,
): Promise<SurveyedImage[]> {
  const surveyed: SurveyedImage[] = [];
  for (const [index, each] of images.entries()) {
    const image = await prepareImage(each.channels, model, context);
    const labels = each.labels && (await readLabels(each, image, model, context));
    surveyed.push({ image, labels, places: await findPlaces(image, labels, random) });
    context.onProgress?.(index + 1, images.length);
  }
  return surveyed;
}

/** As indices of classes, on the network's grid. */
async function readLabels(
  { channels, labels }: TuneImage,
  image: Preprocessed,
  { decision }: SegmentationModel,
  { pool, signal }: TaskContext,
): Promise<Uint8Array> {
  const values = decision.values.filter((value) => value !== 0);
  const context = { pool, ...(signal ? { signal } : {}) };
  const drawn = await loadLabelmap({ ...labels!, image: channels[0]!, values }, context);
  const classOf = new Uint8Array(256);
  decision.values.forEach((value, index) => {
    classOf[value] = index;
  });
  return labelsOnNetworkGrid(drawn, image).map((value) => classOf[value]!);
}
