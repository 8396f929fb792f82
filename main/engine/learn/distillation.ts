import { createSession } from '../../../native/onnxruntime/create-session.ts';
import type { TuneRequest } from '../../contract/tune-request.ts';
import { mildly } from '../../core/learn/augment/augment-recipe.ts';
import { distill, distillRegions } from '../../core/learn/loss/losses.ts';
import { decideCodes } from '../../core/segment/5-restore/decide-voxels.ts';
import { voxelCount, type Vec3 } from '../../core/volume/volume.ts';
import { readMessages } from '../read-messages.ts';
import type { Lesson, LessonTerms } from './lesson.ts';
import { surveyByNetwork, type RunPatch } from './survey-by-network.ts';

export function distillationTerms(
  patch: Vec3,
  { model: { decision }, recipe }: Pick<TuneRequest, 'model' | 'recipe'>,
): LessonTerms {
  const shape = [1, decision.values.length, ...patch];
  const lossOf = decision.kind === 'regions' ? distillRegions : distill;
  return {
    taughtShape: shape,
    loss: (b, logits, teacher) => lossOf(b, { logits, teacher, shape, ...recipe }),
  };
}

/** The full network takes as long on a patch as a step of learning does. */
const answerUses = 3;

/** To give what the full network gives. Throws AppFailure as `createSession` does; `teach` and the others `cancelled`. */
export async function createDistillation(
  full: Uint8Array,
  patch: Vec3,
  { model, recipe, threads }: Pick<TuneRequest, 'model' | 'recipe' | 'threads'>,
  signal: AbortSignal | undefined,
): Promise<Lesson> {
  const { decision } = model;
  const inputShape = [1, model.channels.length, ...patch];
  const shape = [1, decision.values.length, ...patch];
  const cpu = { provider: 'cpu', deviceId: 0, name: 'CPU' } as const;
  const teacher = await createSession(full, cpu, threads);
  const taught = new Float32Array(decision.values.length * voxelCount(patch));
  const run: RunPatch = async (image) => {
    await readMessages(signal);
    await teacher.run(image, inputShape, taught, shape);
    return taught;
  };
  return {
    ...distillationTerms(patch, { model, recipe }),
    augmentation: mildly,
    uses: answerUses,
    teach: ({ image }) => run(image),
    codesOf: async ({ image }) => decideCodes(await run(image), decision),
    findPlaces: (image, _labels, random) => surveyByNetwork(image, model, patch, run, random),
    release: () => teacher.release(),
  };
}
