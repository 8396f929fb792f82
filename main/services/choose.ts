import { AppFailure } from '../contract/app-error.ts';
import type { Device, VolumeSource } from '../contract/engine-protocol.ts';
import type { VariantRecipe } from '../contract/variant-recipe.ts';
import {
  defaultPolicy,
  type CheckedDevice,
  type Choice,
  type ChoicePolicy,
  type MemoryFailure,
  type RunMeasurement,
  type VariantFacts,
} from '../core/choose/choice.ts';
import { chooseVariant } from '../core/choose/choose-variant.ts';
import { describeChoice, describeRefusal } from '../core/choose/describe-choice.ts';
import { describeTask, type SegmentationTask } from '../core/choose/segmentation-task.ts';
import type { DeviceFacts } from '../core/devices/list-devices.ts';
import type { Provider } from '../core/devices/machine.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import { TooManyVoxelsError } from '../core/segment/1-preprocess/resampled-shape.ts';
import { UnknownOrientationError } from '../core/volume/orientation.ts';
import { voxelCount, type Grid } from '../core/volume/volume.ts';
import { listMemoryFailures, listRunMeasurements } from '../db/queries/devices.ts';
import { listNetworks, type VariantRow } from '../db/queries/models.ts';
import type { Context } from './context.ts';
import { asEngineDevice, checkDevices, devicesNamed, findHardware, type CheckOptions } from './devices.ts';
import { fidelityOf } from './fidelity.ts';
import { findVariant, fullVariant, type ModelSummary } from './models.ts';
import { costsOf } from './variant-costs.ts';
import { gridOfSource } from './volume-grid.ts';

/** What a user leaves to the program. */
export const automatic = 'auto';

export interface ChoiceOrder {
  readonly model: ModelSummary;
  /** The channel that gives the result's grid. */
  readonly source: VolumeSource;
  /** A name each, or `auto`. */
  readonly variant: string;
  readonly device: string;
  /** Time wished for; the policy's default where it is left out. */
  readonly maxSeconds?: number | undefined;
}

/** What can be chosen from, as far as it does not change while a command runs. */
export interface Candidates {
  readonly model: ModelSummary;
  readonly variants: readonly VariantFacts[];
  readonly devices: readonly CheckedDevice[];
  readonly task: SegmentationTask;
  readonly policy: ChoicePolicy;
  /** What ran out of memory while this command ran. */
  readonly failures: readonly MemoryFailure[];
}

/**
 * Finds out what there is to choose from: devices, checked where they have to be, and the variants of the model with
 * what they cost and how faithful they are. Throws AppFailure for names of what is not there, and `cancelled`.
 */
export async function gatherCandidates(
  context: Context,
  order: ChoiceOrder,
  options: CheckOptions = {},
): Promise<Candidates> {
  const { model } = order;
  const named = order.variant === automatic ? null : findVariant(model, order.variant);
  const hardware = await findHardware(context, options.signal);
  const devices = devicesNamed(order.device, hardware);
  const variants = await variantsOf(context, model, named);
  return {
    model,
    variants: variants.map(({ facts }) => facts),
    devices: await checkDevices(context, devices, options),
    task: withAllowedTiles(
      taskOf(model.recipe, await gridOfSource(order.source), {
        folds: listNetworks(context.db, findVariant(model, fullVariant).id).length,
        planeChannels: Math.max(...variants.map(({ planeChannels }) => planeChannels)),
      }),
      named !== null,
    ),
    policy: {
      ...defaultPolicy,
      maxSeconds: order.maxSeconds ?? defaultPolicy.maxSeconds,
      variantId: named?.id ?? null,
      deviceKey: order.device === automatic ? null : devices[0].key,
    },
    failures: [],
  };
}

/** The variants that are faithful enough to be chosen, and the one that was named. */
async function variantsOf(
  context: Context,
  { recipe, variants }: ModelSummary,
  named: VariantRow | null,
): Promise<{ readonly facts: VariantFacts; readonly planeChannels: number }[]> {
  const { db } = context;
  const eligible = variants
    .map((variant) => ({ variant, fidelity: fidelityOf(db, variant.id) }))
    .filter(
      ({ variant, fidelity }) =>
        variant.id === named?.id || (fidelity !== null && fidelity >= defaultPolicy.fidelityFloor),
    );
  const found = [];
  for (const { variant, fidelity } of eligible) {
    const { planeChannels, ...costs } = await costsOf(context, recipe, variant);
    const { id, name } = variant;
    const facts = {
      ...costs,
      id,
      name,
      fidelity,
      providers: providersOf(variant.recipe),
      patch: recipe.patch,
    };
    found.push({ facts, planeChannels });
  }
  return found;
}

const graphics: readonly Provider[] = ['cuda', 'dml'];
const everywhere: readonly Provider[] = ['cpu', ...graphics];

/** Processors have no arithmetic of half precision: onnxruntime would convert back and forth. */
function providersOf({ precision }: VariantRecipe): readonly Provider[] {
  return precision === 'fp16' ? graphics : everywhere;
}

/**
 * Reading, preparing, restoring, measuring and exporting: 33 s of a study of 512 × 512 × 600 on two cores, with 118 classes
 * and labels like noise, which is the most that it takes (`npm run bench -- segment`).
 */
const otherSecondsPerVoxel = 2e-7;
const otherSecondsAtLeast = 1;

/** What nobody can read, or is too large for the network, is refused by the engine in better words: any task will do. */
function taskOf(
  recipe: SegmentationModel,
  grid: Grid | null,
  run: { readonly folds: number; readonly planeChannels: number },
): SegmentationTask {
  const known = grid ?? patchGrid(recipe);
  const otherSeconds = otherSecondsAtLeast + otherSecondsPerVoxel * voxelCount(known.shapeZyx);
  try {
    return describeTask(recipe, known, { ...run, otherSeconds });
  } catch (error) {
    if (!(error instanceof TooManyVoxelsError || error instanceof UnknownOrientationError)) throw error;
    return describeTask(recipe, patchGrid(recipe), { ...run, otherSeconds });
  }
}

/**
 * A margin-tiled network gives the same labels with any tile. One that normalises over the tile does not, and how
 * faithful it is in smaller ones nobody has measured: of the bundled model's labels in 48³ instead of 64³ the Dice is 0.85.
 * That is not done to a user who did not name the variant; a smaller variant, whose Dice is known, is taken instead.
 */
function withAllowedTiles(task: SegmentationTask, isNamed: boolean): SegmentationTask {
  if (isNamed || task.tiling.kind === 'margin') return task;
  return { ...task, tileShapes: task.tileShapes.slice(0, 1) };
}

function patchGrid({ patch, spacingMm }: SegmentationModel): Grid {
  const directionsZyx: Grid['directionsZyx'] = [
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ];
  return { shapeZyx: patch, spacingZyxMm: spacingMm, originLps: [0, 0, 0], directionsZyx };
}

/** What was chosen, and how to run it. */
export interface Decision {
  readonly choice: Choice;
  /** Why, for people. */
  readonly sentence: string;
  readonly variant: VariantRow;
  readonly device: Device;
}

/** Chooses with what is known now of runs and of memory. Throws AppFailure `nothing-to-choose`. */
export function decide(context: Context, candidates: Candidates): Decision {
  const choice = chooseVariant({ ...candidates, ...knownRuns(context, candidates) });
  if (choice.kind === 'refusal') {
    const detail = describeRefusal(choice);
    throw new AppFailure({ code: 'nothing-to-choose', reason: choice.code, detail, refusal: choice });
  }
  return {
    choice,
    sentence: describeChoice(choice),
    variant: findVariant(candidates.model, choice.variant.name),
    device: asEngineDevice(choice.device),
  };
}

/** With so much more memory than there was, what ran out of it is worth another try. */
const clearlyMore = 1.5;

export interface KnownRuns {
  readonly measurements: readonly RunMeasurement[];
  readonly failures: readonly MemoryFailure[];
  readonly hostAvailableBytes: number;
}

/** What was measured before, what ran out of memory with about as much of it as there is now, and how much that is. */
export function knownRuns({ db, appVersion }: Context, { devices, failures }: Candidates): KnownRuns {
  const hostAvailableBytes = process.availableMemory();
  const earlier = listMemoryFailures(db, appVersion).filter(({ deviceKey, availableBytes }) => {
    const facts = devices.find((each) => each.facts.key === deviceKey)?.facts;
    const available = facts && availableTo(facts, hostAvailableBytes);
    return !available || availableBytes === null || available < clearlyMore * availableBytes;
  });
  return {
    measurements: listRunMeasurements(db, appVersion),
    failures: [...earlier, ...failures],
    hostAvailableBytes,
  };
}

/** Memory that a network can have on a device; null where nobody knows. */
export function availableTo(
  { kind, availableBytes }: DeviceFacts,
  hostAvailableBytes: number,
): number | null {
  return kind === 'cpu' ? hostAvailableBytes : availableBytes;
}
