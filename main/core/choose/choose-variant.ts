import type { CheckedDevice, Choice, ChoiceInput, ChoiceReason, Refusal, VariantFacts } from './choice.ts';
import { dropDominated } from './drop-dominated.ts';
import { expectRun } from './expect-run.ts';
import { findObstacle } from './find-obstacle.ts';
import { listOptions, type Option } from './list-options.ts';
import { refuseNothingLeft, refuseRequest } from './refuse.ts';
import { tileVoxels } from './segmentation-task.ts';

/**
 * Decides which variant runs where and in which tiles: the most faithful one that fits the memory with the policy's
 * margin and is done within the time wished for, in the largest tiles that do; where none is, the fastest. Never one
 * that is slower than a more faithful one on the same device, never one under the fidelity floor, never a device that
 * failed its self-check or had none, never again what ran out of memory: the same input with that failure added gives
 * the next step down, a smaller tile, a smaller variant or another device.
 *
 * A variant or device that the user asked for is taken as it is (a variant under the floor, a device unchecked or of
 * unknown memory), but not a device that is known to give wrong results, nor what does not fit.
 *
 * With more time or a higher floor the choice is never less faithful; nor is it with more memory, where the wish was
 * met with less. (Where it was not, more memory may let a less faithful variant meet it.)
 *
 * @throws RangeError where the model's patch leaves nothing between the margins of its tiling
 */
export function chooseVariant(input: ChoiceInput): Choice | Refusal {
  const refusal = refuseRequest(input);
  if (refusal) return refusal;
  const { policy } = input;
  const devices = eligibleDevices(input);
  const options = devices.flatMap(({ facts }) =>
    variantsOn(input, facts).flatMap((variant) => listOptions(input, facts, variant)),
  );
  const possible = options.filter(({ state }) => state === 'possible');
  const wish = policy.maxSeconds ?? Infinity;
  const inTime = possible.filter(({ seconds }) => seconds <= wish);
  const found = mostFaithful(inTime) ?? fastest(possible);
  if (!found) return refuseNothingLeft(options);
  const option = inTime.length > 0 ? found : largestTile(found, possible);
  return asChoice(input, devices, option, inTime.length > 0);
}

/** What may be used without being asked for: checked, or the CPU that the others are checked against. */
function eligibleDevices({ devices, policy }: ChoiceInput): readonly CheckedDevice[] {
  if (policy.deviceKey !== null) return devices.filter(({ facts }) => facts.key === policy.deviceKey);
  return devices.filter(
    ({ facts, verdict }) =>
      facts.availableBytes !== null && (verdict ? verdict.passed : facts.provider === 'cpu'),
  );
}

/** The variants that may be chosen on a device. */
function variantsOn(input: ChoiceInput, device: CheckedDevice['facts']): readonly VariantFacts[] {
  const { variants, measurements, task, policy } = input;
  const runnable = variants.filter(({ providers }) => providers.includes(device.provider));
  if (policy.variantId !== null) return runnable.filter(({ id }) => id === policy.variantId);
  const voxels = tileVoxels(task.networkShape, task.tileShapes[0], task.tiling);
  const kept = dropDominated(
    runnable,
    (variant) => expectRun(device, variant, voxels, measurements, variants).seconds,
  );
  return kept.filter(({ fidelity }) => fidelity !== null && fidelity >= policy.fidelityFloor);
}

/** Of equally faithful ones the fastest. */
function mostFaithful(options: readonly Option[]): Option | undefined {
  const best = Math.max(...options.map(fidelityOf));
  const candidates = options.filter((option) => fidelityOf(option) === best);
  return fastest(candidates.filter((one) => largestTile(one, candidates) === one));
}

function fastest(options: readonly Option[]): Option | undefined {
  return options.toSorted(
    (a, b) => a.seconds - b.seconds || fidelityOf(b) - fidelityOf(a) || a.bytes - b.bytes,
  )[0];
}

/** The same on the same device in the largest tile there is: a network knows best what it was trained with. */
function largestTile(one: Option, options: readonly Option[]): Option {
  return options.reduce(
    (best, other) => (sameRun(one, other) && other.tileRank < best.tileRank ? other : best),
    one,
  );
}

function sameRun(a: Option, b: Option): boolean {
  return a.device.key === b.device.key && a.variant.id === b.variant.id;
}

function fidelityOf({ variant }: Pick<Option, 'variant'>): number {
  return variant.fidelity ?? 0;
}

function asChoice(
  input: ChoiceInput,
  devices: readonly CheckedDevice[],
  option: Option,
  inTime: boolean,
): Choice {
  const { variant, device } = option;
  return {
    kind: 'choice',
    variant,
    device,
    tileShape: option.tileShape,
    expectedSeconds: option.seconds,
    secondsBasis: option.secondsBasis,
    expectedBytes: option.bytes,
    bytesBasis: option.bytesBasis,
    reason: giveReason(input, devices, option, inTime),
  };
}

function giveReason(
  input: ChoiceInput,
  devices: readonly CheckedDevice[],
  { variant, device, tileRank }: Option,
  inTime: boolean,
): ChoiceReason {
  const { policy, variants } = input;
  const checked = devices.find(({ facts }) => facts.key === device.key);
  const top = variants.reduce((a, b) => (fidelityOf({ variant: b }) > fidelityOf({ variant: a }) ? b : a));
  const isTop = fidelityOf({ variant }) >= fidelityOf({ variant: top });
  const asked = policy.variantId !== null || policy.deviceKey !== null;
  return {
    code: asked ? 'asked-for' : !inTime ? 'fastest' : isTop ? 'most-faithful' : 'most-faithful-possible',
    passedOver: isTop || policy.variantId !== null ? null : findObstacle(input, devices, top),
    smallerTile: tileRank > 0,
    faithfulEnough:
      variant.fidelity === null ? 'unknown' : variant.fidelity >= policy.fidelityFloor ? 'yes' : 'no',
    deviceChecked: device.provider === 'cpu' || checked?.verdict?.passed === true,
    maxSeconds: policy.maxSeconds,
    inTime,
    setAside: input.devices.flatMap(({ facts, verdict }) =>
      verdict && !verdict.passed ? [{ device: facts.name, failure: verdict.failure }] : [],
    ),
  };
}
