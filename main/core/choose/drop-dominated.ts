import type { VariantFacts } from './choice.ts';

/**
 * The variants of one device that earn their place: none is as slow as a more faithful one, so going down the list, most
 * faithful first, is always getting faster. Variants of unknown fidelity are dropped.
 *
 * @param seconds of a variant on that device
 */
export function dropDominated(
  variants: readonly VariantFacts[],
  seconds: (variant: VariantFacts) => number,
): readonly VariantFacts[] {
  const timed = variants
    .filter(({ fidelity }) => fidelity !== null)
    .map((variant) => ({ variant, fidelity: variant.fidelity ?? 0, seconds: seconds(variant) }))
    .toSorted((a, b) => b.fidelity - a.fidelity);
  return timed
    .filter((one) => !timed.some((other) => other.fidelity > one.fidelity && other.seconds <= one.seconds))
    .map(({ variant }) => variant);
}
