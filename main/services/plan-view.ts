import { AppFailure } from '../contract/app-error.ts';
import type {
  ChoiceView,
  DeviceAlternative,
  PlanOutcome,
  RunOrder,
  RunPlan,
  VariantAlternative,
} from '../contract/ipc/job-channels.ts';
import type { JobInput } from '../contract/job.ts';
import type { Choice } from '../core/choose/choice.ts';
import { listModels } from '../db/queries/models.ts';
import { decide } from './choose.ts';
import type { Context } from './context.ts';
import { findHardware } from './devices.ts';
import { fidelityOf } from './fidelity.ts';
import { bundledModel, getModel, type ModelSummary } from './models.ts';
import { planRun, type SegmentationOrder } from './run-segmentation.ts';
import { planChannels, storedInput } from './stored-input.ts';

/** The model that an order names, or the bundled one. Throws AppFailure `model-not-found`. */
export async function modelOf(context: Context, { model }: Pick<RunOrder, 'model'>): Promise<ModelSummary> {
  return model === null ? bundledModel(context) : getModel(context.db, model);
}

/** An order of the window as what the services run; `input` is what an earlier run of it read. Throws AppFailure. */
export function asSegmentationOrder(
  { db }: Context,
  order: RunOrder,
  model: ModelSummary,
  input: JobInput = storedInput(db, order, model.recipe),
): SegmentationOrder {
  const { variant, device, maxSeconds } = order;
  return { model, input, variant, device, maxSeconds: maxSeconds ?? undefined, threads: 0 };
}

/**
 * What an order would run, and what else could be asked for, each as `runSegmentation` would decide it now; nothing is run
 * but self-checks that are due. Throws AppFailure `model-not-found`, `not-found`; what keeps the order itself from running
 * is in the plan.
 */
export async function planForWindow(context: Context, order: RunOrder): Promise<RunPlan> {
  const { db } = context;
  const model = await modelOf(context, order);
  const { id, name, licence, description, recipe } = model;
  const { devices } = await findHardware(context);
  const tryRun = (change: Partial<RunOrder>) =>
    outcomeOf(async () => {
      const changed = asSegmentationOrder(context, { ...order, ...change }, model);
      return asChoiceView(decide(context, await planRun(context, changed)).choice);
    });
  const variants: VariantAlternative[] = [];
  for (const variant of model.variants) {
    const outcome = await tryRun({ variant: variant.name });
    variants.push({ name: variant.name, overlap: fidelityOf(db, variant.id), outcome });
  }
  const alternatives: DeviceAlternative[] = [];
  for (const { key, name: deviceName, kind } of devices) {
    alternatives.push({ key, name: deviceName, kind, outcome: await tryRun({ device: key }) });
  }
  return {
    model: { id, name, licence, description, labels: recipe.labels.length },
    models: listModels(db).map((each) => ({ id: each.id, name: each.name })),
    channels: planChannels(db, order, recipe),
    outcome: await tryRun({}),
    variants,
    devices: alternatives,
  };
}

async function outcomeOf(work: () => Promise<ChoiceView>): Promise<PlanOutcome> {
  try {
    return { ok: true, choice: await work() };
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    return { ok: false, error: error.error };
  }
}

export function asChoiceView(choice: Choice): ChoiceView {
  const { variant, device, tileShape, expectedSeconds, secondsBasis, expectedBytes, bytesBasis, reason } =
    choice;
  return {
    variant: variant.name,
    overlap: variant.fidelity,
    device: { key: device.key, name: device.name, kind: device.kind },
    tileShape,
    expectedSeconds,
    secondsBasis,
    expectedBytes,
    bytesBasis,
    reason,
  };
}
