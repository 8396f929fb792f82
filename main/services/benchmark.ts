import { AppFailure } from '../contract/app-error.ts';
import type { NetworkTiming } from '../contract/device-requests.ts';
import { expectRun } from '../core/choose/expect-run.ts';
import { listOptions, type Option } from '../core/choose/list-options.ts';
import { tileVoxels } from '../core/choose/segmentation-task.ts';
import type { Vec3 } from '../core/volume/volume.ts';
import { putRunMeasurement } from '../db/queries/devices.ts';
import { decide, knownRuns, type Candidates } from './choose.ts';
import type { Context } from './context.ts';
import { learnFrom } from './learn-from-failure.ts';
import { findVariant, networkSources } from './models.ts';
import { timeOnDevice } from './time-on-device.ts';

/** Part of the expected segmentation that benchmarks may take. */
const worthPart = 0.2;
/** Starting an engine and loading a network. */
const startSeconds = 1;

/** What the engine takes at most for one, as `timeNetwork` repeats short runs. */
function benchmarkSeconds(runSeconds: number): number {
  return startSeconds + (runSeconds < 1 ? 4 : 2) * runSeconds;
}

export interface BenchmarkOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBenchmark?: ((option: Option) => void) | undefined;
}

/**
 * Times the variants that could be chosen and were never run on their devices, the most faithful first, as long as
 * that takes little beside the segmentation itself; nothing where there is no choice. What fails for want of memory or
 * gives wrong results is learnt from as in a segmentation. Returns the candidates that are left. Throws AppFailure
 * `cancelled`, `model-corrupt`, and `nothing-to-choose` as `decide`.
 */
export async function benchmarkCandidates(
  context: Context,
  candidates: Candidates,
  options: BenchmarkOptions = {},
): Promise<Candidates> {
  const pairs = listPairs(context, candidates);
  if (pairs.length < 2) return candidates;
  const { choice } = decide(context, candidates);
  let seconds = worthPart * choice.expectedSeconds;
  let left = candidates;
  for (const { option, isKnown, runSeconds } of pairs) {
    const cost = benchmarkSeconds(runSeconds);
    if (isKnown || cost > seconds || isSetAside(left, option)) continue;
    seconds -= cost;
    options.onBenchmark?.(option);
    left = await benchmark(context, left, option, options.signal);
  }
  return left;
}

function isSetAside({ devices }: Candidates, { device }: Option): boolean {
  return devices.some(({ facts, verdict }) => facts.key === device.key && verdict?.passed === false);
}

interface Pair {
  readonly option: Option;
  readonly isKnown: boolean;
  readonly runSeconds: number;
}

/** What could be chosen, in the largest tiles, the most faithful first. */
function listPairs(context: Context, candidates: Candidates): readonly Pair[] {
  const { devices, variants, task, policy } = candidates;
  const known = knownRuns(context, candidates);
  const usable = devices.filter(
    ({ facts, verdict }) => policy.deviceKey !== null || (verdict?.passed ?? facts.provider === 'cpu'),
  );
  const chosen = variants.filter(({ id }) => policy.variantId === null || id === policy.variantId);
  return usable
    .flatMap(({ facts }) =>
      chosen
        .filter(({ providers }) => providers.includes(facts.provider))
        .flatMap((variant) => listOptions({ ...candidates, ...known }, facts, variant).slice(0, 1)),
    )
    .filter(({ state }) => state === 'possible')
    .map((option) => {
      const { device, variant, tileShape } = option;
      const voxels = tileVoxels(task.networkShape, tileShape, task.tiling);
      return {
        option,
        isKnown: known.measurements.some(
          ({ deviceKey, variantId }) => deviceKey === device.key && variantId === variant.id,
        ),
        runSeconds: expectRun(device, variant, voxels, known.measurements, variants).seconds,
      };
    })
    .toSorted((a, b) => (b.option.variant.fidelity ?? 0) - (a.option.variant.fidelity ?? 0));
}

async function benchmark(
  context: Context,
  candidates: Candidates,
  option: Option,
  signal: AbortSignal | undefined,
): Promise<Candidates> {
  const { model, task } = candidates;
  const variant = findVariant(model, option.variant.name);
  const network = networkSources(context.db, variant)[0]!;
  const tileShape = tileOf(option, task.networkShape, task.tiling.kind);
  try {
    const order = { network, model: model.recipe, tileShape, device: option.device };
    const timing = await timeOnDevice(context, order, signal);
    storeTiming(context, option, tileShape, timing);
    return candidates;
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    const attempt = { facts: option.device, variant, tileShape: option.tileShape };
    const left = learnFrom(context, candidates, attempt, error);
    if (left) return left;
    // An engine that died says nothing for sure; the segmentation will find out.
    if (error.error.code === 'engine-died') return candidates;
    throw error;
  }
}

/** A margin-tiled network runs on a volume smaller than its tile as it is. */
function tileOf({ tileShape }: Option, networkShape: Vec3, tiling: 'margin' | 'gaussian'): Vec3 {
  if (tiling === 'gaussian') return tileShape;
  return tileShape.map((size, axis) => Math.min(size, networkShape[axis])) as unknown as Vec3;
}

function storeTiming(
  { db, appVersion, now }: Context,
  { device, variant }: Option,
  tileShape: Vec3,
  timing: NetworkTiming,
): void {
  const measurement = { deviceKey: device.key, variantId: variant.id, tileShape, ...timing };
  putRunMeasurement(db, { ...measurement, appVersion, measuredAt: now() });
}
