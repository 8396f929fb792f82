import { spreadPlaces } from '../../core/learn/labels/spread-places.ts';
import { diceAndCrossEntropy, oneHot } from '../../core/learn/loss/losses.ts';
import type { SegmentationModel } from '../../core/model/segmentation-model.ts';
import { voxelAt } from '../../core/volume/volume.ts';
import type { Lesson, LessonTerms } from './lesson.ts';

/** Of each label: enough to centre patches on (nnU-Net keeps 10,000, of which it uses one a patch). */
const mostPlaces = 2000;

/** nnU-Net's Dice and cross-entropy. For models whose channels are classes. */
export function labelTerms({ decision }: SegmentationModel): LessonTerms {
  const classes = decision.values.length;
  return {
    taughtChannels: 1,
    loss: (b, logits, labels, size) => {
      const target = oneHot(b, labels, classes, size.length);
      return diceAndCrossEntropy(b, { logits, target, shape: [1, classes, ...size] });
    },
  };
}

/** To give the labels that somebody drew. */
export function labelLesson(model: SegmentationModel): Lesson {
  return {
    ...labelTerms(model),
    augmentation: (nnunet) => nnunet,
    uses: 1,
    teach: ({ labels }) => Promise.resolve(Float32Array.from(labels!)),
    codesOf: ({ labels }) => Promise.resolve(labels!),
    findPlaces: ({ shape }, labels) => {
      const foreground = model.decision.values.map((_, code) => code).slice(1);
      const places = [...spreadPlaces(labels!, foreground, mostPlaces).values()];
      return Promise.resolve(places.map((each) => Array.from(each, (at) => voxelAt(at, shape))));
    },
    release: () => Promise.resolve(),
  };
}
