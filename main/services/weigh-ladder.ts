import { AppFailure } from '../contract/app-error.ts';
import type { NetworkTiming } from '../contract/device-requests.ts';
import type { VariantRecipe } from '../contract/variant-recipe.ts';
import type { DeviceFacts } from '../core/devices/list-devices.ts';
import type { Context } from './context.ts';
import { devicesNamed, findHardware } from './devices.ts';
import { findVariant, fullVariant, type ModelSummary } from './models.ts';
import { timeOnDevice } from './time-on-device.ts';

/** A variant that was made and is not stored yet. */
export interface NamedRung {
  readonly name: string;
  readonly recipe: Extract<VariantRecipe, { kind: 'tucker' }>;
  /** ONNX files, one per fold. */
  readonly networks: readonly Uint8Array[];
  readonly parameters: number;
  readonly macs: number;
}

/** One run on the patch on this computer's CPU; null where it was not measured. */
export interface WeighedRung extends NamedRung {
  readonly timing: NetworkTiming | null;
}

export interface DroppedRung {
  readonly name: string;
  readonly reason: string;
}

export interface WeighedLadder {
  readonly cpu: DeviceFacts;
  readonly full: NetworkTiming | null;
  readonly kept: readonly WeighedRung[];
  readonly dropped: readonly DroppedRung[];
}

/** A rung that multiplies this much less than the one above it is taken to be faster. */
const surelyFaster = 0.6;

/**
 * Which rungs are worth having: those that multiply less than the rung above them and the full network and, where their
 * layers were chosen for being faster here and that is in doubt, take less time on this computer's CPU. Half precision is
 * for other devices than the one that could be asked here.
 */
export async function weighLadder(
  context: Context,
  model: ModelSummary,
  fullNetworks: readonly Uint8Array[],
  rungs: readonly NamedRung[],
  signal: AbortSignal | undefined,
): Promise<WeighedLadder> {
  const [cpu] = devicesNamed('cpu', await findHardware(context, signal));
  const full = findVariant(model, fullVariant);
  const stopwatch = new Stopwatch(context, cpu, model, signal);
  const kept: NamedRung[] = [];
  const dropped: DroppedRung[] = [];
  let above: Weighable = { name: full.name, macs: full.macs, networks: fullNetworks };
  for (const rung of rungs.toSorted((a, b) => b.macs - a.macs)) {
    const reason = await objection(rung, above, stopwatch);
    if (reason !== null) {
      dropped.push({ name: rung.name, reason });
      continue;
    }
    kept.push(rung);
    above = rung;
  }
  return {
    cpu,
    full: stopwatch.timingOf(full.name),
    kept: kept.map((rung) => ({ ...rung, timing: stopwatch.timingOf(rung.name) })),
    dropped,
  };
}

type Weighable = Pick<NamedRung, 'name' | 'macs' | 'networks'>;

async function objection(rung: NamedRung, above: Weighable, stopwatch: Stopwatch): Promise<string | null> {
  if (rung.macs >= above.macs) return `it multiplies no less than ${above.name}`;
  const { layersChosen, precision } = rung.recipe;
  if (layersChosen !== 'faster' || precision !== 'fp32') return null;
  if (rung.macs < surelyFaster * above.macs) return null;
  const [before, after] = [await stopwatch.time(above), await stopwatch.time(rung)];
  if (after < before) return null;
  return `a run takes ${rounded(after)} s, and one of ${above.name} ${rounded(before)} s`;
}

/** Times networks on the CPU, each once. */
class Stopwatch {
  readonly #timings = new Map<string, NetworkTiming>();
  readonly #context: Context;
  readonly #cpu: DeviceFacts;
  readonly #model: ModelSummary;
  readonly #signal: AbortSignal | undefined;

  constructor(context: Context, cpu: DeviceFacts, model: ModelSummary, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#cpu = cpu;
    this.#model = model;
    this.#signal = signal;
  }

  timingOf(name: string): NetworkTiming | null {
    return this.#timings.get(name) ?? null;
  }

  /** Seconds of one run on the patch, of one fold. */
  async time({ name, networks }: Weighable): Promise<number> {
    const known = this.#timings.get(name);
    if (known) return known.seconds;
    if (this.#signal?.aborted) throw new AppFailure({ code: 'cancelled' });
    const { recipe } = this.#model;
    const order = { network: networks[0], model: recipe, tileShape: recipe.patch, device: this.#cpu };
    const timing = await timeOnDevice(this.#context, order, this.#signal);
    this.#timings.set(name, timing);
    return timing.seconds;
  }
}

function rounded(seconds: number): string {
  return seconds.toPrecision(3);
}
