import type { ChoiceInput, Refusal } from './choice.ts';
import { closestFit } from './find-obstacle.ts';
import type { Option } from './list-options.ts';

/** What is wrong with the request itself: nothing there, nothing faithful, or something asked for that cannot be. */
export function refuseRequest({ variants, devices, policy }: ChoiceInput): Refusal | null {
  const { variantId, deviceKey, fidelityFloor } = policy;
  if (variants.length === 0) return { kind: 'refusal', code: 'no-variants' };
  const variant = variants.find(({ id }) => id === variantId);
  if (variantId !== null && !variant) return { kind: 'refusal', code: 'unknown-variant', variantId };
  const device = devices.find(({ facts }) => facts.key === deviceKey);
  if (deviceKey !== null && !device) return { kind: 'refusal', code: 'unknown-device', deviceKey };
  if (device?.verdict && !device.verdict.passed) {
    const { failure } = device.verdict;
    return { kind: 'refusal', code: 'device-set-aside', device: device.facts.name, failure };
  }
  if (variant && device && !variant.providers.includes(device.facts.provider)) {
    return { kind: 'refusal', code: 'wrong-provider', variant: variant.name, device: device.facts.name };
  }
  const known = variants.flatMap(({ fidelity }) => (fidelity === null ? [] : [fidelity]));
  const best = known.length === 0 ? null : Math.max(...known);
  if (!variant && (best === null || best < fidelityFloor)) {
    return { kind: 'refusal', code: 'below-floor', best, floor: fidelityFloor };
  }
  return null;
}

/** Why none of the options is left. */
export function refuseNothingLeft(options: readonly Option[]): Refusal {
  if (options.length === 0) return { kind: 'refusal', code: 'no-device' };
  const closest = closestFit(options.filter(({ state }) => state === 'too-large'));
  if (!closest) return { kind: 'refusal', code: 'ran-out-of-memory' };
  const { variant, device, neededBytes, usableBytes } = closest;
  return {
    kind: 'refusal',
    code: 'too-little-memory',
    variant: variant.name,
    device: device.name,
    neededBytes,
    usableBytes,
  };
}
