import { spreadPlaces } from '../../core/learn/labels/spread-places.ts';
import { diceAndCrossEntropy, oneHot } from '../../core/learn/loss/losses.ts';
import type { SegmentationModel } from '../../core/model/segmentation-model.ts';
import { voxelAt, type Vec3 } from '../../core/volume/volume.ts';
import type { Lesson, LessonTerms } from './lesson.ts';

/** Of each label: enough to centre patches on (nnU-Net keeps 10,000, of which it uses one a patch). */
const mostPlaces = 2000;

/** nnU-Net's Dice and cross-entropy. For models whose channels are classes. */
export function labelTerms({ decision }: SegmentationModel, patch: Vec3): LessonTerms {
  const classes = decision.values.length;
  const shape = [1, classes, ...patch];
  return {
    taughtShape: [1, 1, ...patch],
    loss: (b, logits, labels) =>
      diceAndCrossEntropy(b, { logits, target: oneHot(b, labels, classes, patch.length), shape }),
  };
}

/** To give the labels that somebody drew. */
export function labelLesson(model: SegmentationModel, patch: Vec3): Lesson {
  return {
    ...labelTerms(model, patch),
    augmentation: (nnunet) => nnunet,
    uses: 1,
    teach: ({ labels }) => Promise.resolve(Float32Array.from(labels!)),
    codesOf: ({ labels }) => Promise.resolve(labels!),
    findPlaces: ({ shape: size }, labels) => {
      const foreground = model.decision.values.map((_, code) => code).slice(1);
      const places = [...spreadPlaces(labels!, foreground, mostPlaces).values()];
      return Promise.resolve(places.map((each) => Array.from(each, (at) => voxelAt(at, size))));
    },
    release: () => Promise.resolve(),
  };
}
