import type { AugmentedPatch } from '../../core/learn/augment/augment-patch.ts';
import type { AugmentRecipe } from '../../core/learn/augment/augment-recipe.ts';
import type { NodeBuilder } from '../../core/learn/node-builder.ts';
import type { SeededRandom } from '../../core/random/seeded-random.ts';
import type { Preprocessed } from '../../core/segment/1-preprocess/preprocessed.ts';
import type { SurveyedImage } from './patch-sampler.ts';

/** How far a network is from what is taught. */
export interface LessonTerms {
  /** Of what the loss reads beside the network's output. */
  readonly taughtShape: readonly number[];
  /** @param names of the network's output, and of what is taught; gives the name of the scalar */
  readonly loss: (builder: NodeBuilder, output: string, taught: string) => string;
}

/** What a network learns, and what it is judged by: what another network gives, or what somebody drew. */
export interface Lesson extends LessonTerms {
  /** What of nnU-Net's augmentation leaves it right. */
  readonly augmentation: (nnunet: AugmentRecipe) => AugmentRecipe;
  /** Steps that one answer serves: more than one where it is dear. */
  readonly uses: number;
  readonly teach: (patch: AugmentedPatch) => Promise<Float32Array>;
  /** What is right, as codes of the model's decision. */
  readonly codesOf: (patch: AugmentedPatch) => Promise<Uint8Array>;
  /** Where an image has what. */
  readonly findPlaces: (
    image: Preprocessed,
    labels: Uint8Array | null,
    random: SeededRandom,
  ) => Promise<SurveyedImage['places']>;
  readonly release: () => Promise<void>;
}
