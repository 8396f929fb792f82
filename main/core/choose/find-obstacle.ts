import type { CheckedDevice, ChoiceInput, PassedOver, VariantFacts } from './choice.ts';
import { listOptions, type Option } from './list-options.ts';

/** What kept a variant from being chosen on any of the devices. */
export function findObstacle(
  input: ChoiceInput,
  devices: readonly CheckedDevice[],
  variant: VariantFacts,
): PassedOver {
  const options = devices
    .filter(({ facts }) => variant.providers.includes(facts.provider))
    .flatMap(({ facts }) => listOptions(input, facts, variant));
  const possible = options.filter(({ state }) => state === 'possible');
  const name = { variant: variant.name };
  if (possible.length > 0) {
    return { ...name, because: 'time', seconds: Math.min(...possible.map(({ seconds }) => seconds)) };
  }
  if (options.some(({ state }) => state === 'ran-out-of-memory')) {
    return { ...name, because: 'ran-out-of-memory' };
  }
  const closest = closestFit(options);
  if (!closest) return { ...name, because: 'no-device' };
  const { neededBytes, usableBytes } = closest;
  return { ...name, because: 'memory', neededBytes, usableBytes };
}

/** The option that lacks least memory. */
export function closestFit(options: readonly Option[]): Option | undefined {
  const lacking = ({ neededBytes, usableBytes }: Option) => neededBytes - usableBytes;
  return options.toSorted((a, b) => lacking(a) - lacking(b))[0];
}
