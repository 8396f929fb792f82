import type { LossesAgainstReference, VariantFidelity } from './variant-fidelity.ts';

/** Labels that a sentence names before it counts the rest. */
const namedAtMost = 8;

/**
 * How far a variant can be trusted, as one sentence for a clinician: `df-0.5: overlap with the full model 0.93 on
 * average; do not trust: bone (0.89)`.
 *
 * @param floor mean Dice against the full model under which a label is not to be trusted
 */
export function describeFidelity(fidelity: VariantFidelity, floor: number): string {
  const { variant, dice, images, calibrated, labels, unseen } = fidelity;
  if (images === 0) return `${variant}: never compared with the full model`;
  if (dice === null) return `${variant}: no label occurs in what it was compared on`;
  const doubtful = labels.filter((label) => label.dice < floor);
  const [lowest] = labels;
  const parts = [
    `${variant}: overlap with the full model ${formatDice(dice)} on average${images > 1 ? ` of ${images} images` : ''}`,
    doubtful.length > 0
      ? `do not trust: ${list(doubtful.map(describeLabel))}`
      : `lowest: ${describeLabel(lowest)}`,
    ...(unseen.length > 0 ? [`not known, for want of an image that shows it: ${list(unseen)}`] : []),
    ...(calibrated ? ['compared only on images that it was made with, which flatters it'] : []),
  ];
  return parts.join('; ');
}

/** What a variant loses where somebody else drew the labels, as one sentence. */
export function describeLosses(
  variant: string,
  { fullDice, variantDice, labels }: LossesAgainstReference,
): string {
  const lost = labels.filter(({ loss }) => loss > 0);
  const means = `overlap with the reference ${formatDice(variantDice ?? 0)} on average, the full model’s is ${formatDice(fullDice ?? 0)}`;
  const most = lost.map(
    (label) => `${label.name} (${formatDice(label.fullDice)} to ${formatDice(label.variantDice)})`,
  );
  return `${variant}: ${means}; ${most.length > 0 ? `loses most: ${list(most)}` : 'no label is worse'}`;
}

/** Rounded down: 0.9496 is not 0.95. */
export function formatDice(dice: number): string {
  return (Math.floor(dice * 100 + 1e-9) / 100).toFixed(2);
}

function describeLabel({ name, dice, lostIn, studies }: VariantFidelity['labels'][number]): string {
  const lost = lostIn === 0 ? '' : `, lost in ${lostIn} of ${studies} ${studies === 1 ? 'image' : 'images'}`;
  return `${name} (${formatDice(dice)}${lost})`;
}

function list(items: readonly string[]): string {
  const more = items.length - namedAtMost;
  return items.slice(0, namedAtMost).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
