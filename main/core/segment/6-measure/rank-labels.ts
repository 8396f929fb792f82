import type { LabelFidelity } from './compare-labelmaps.ts';

/** How a variant treats one label, over all studies in which the label occurs. */
export interface LabelSummary {
  readonly value: number;
  /** Studies with the label in one of the two maps; the figures are means over them. */
  readonly studies: number;
  readonly dice: number;
  readonly worstDice: number;
  /** Null where no study's reference has the label. */
  readonly sensitivity: number | null;
  readonly specificity: number | null;
  /** Over the studies where both maps have it; null where there are none. */
  readonly hd95Mm: number | null;
  readonly surfaceDice: number;
  /** Studies in which the variant lost the label altogether. */
  readonly lostIn: number;
  /** Studies in which it found the label where the reference has none. */
  readonly inventedIn: number;
}

/** A variant's fidelity: a figure for the whole, and the labels that compression hurts most first. */
export interface FidelityReport {
  /** Mean Dice over the labels, each weighing the same however large or frequent; null where no label occurs. */
  readonly dice: number | null;
  readonly labels: readonly LabelSummary[];
}

/**
 * Sums the comparisons of one or several studies up and ranks the labels: lowest Dice first, among equals lowest
 * surface Dice, then value. Labels that occur in no study are left out: nothing is known of them.
 */
export function reportFidelity(studies: readonly (readonly LabelFidelity[])[]): FidelityReport {
  const byValue = new Map<number, LabelFidelity[]>();
  for (const each of studies.flat()) {
    if (each.missingIn === 'both') continue;
    byValue.set(each.value, [...(byValue.get(each.value) ?? []), each]);
  }
  const labels = [...byValue.values()]
    .map(summarize)
    .toSorted((a, b) => a.dice - b.dice || a.surfaceDice - b.surfaceDice || a.value - b.value);
  return { dice: mean(labels.map(({ dice }) => dice)), labels };
}

function summarize(studies: readonly LabelFidelity[]): LabelSummary {
  const dice = studies.map((each) => each.dice);
  return {
    value: studies[0].value,
    studies: studies.length,
    dice: mean(dice) ?? 0,
    worstDice: Math.min(...dice),
    sensitivity: mean(studies.map(({ sensitivity }) => sensitivity)),
    specificity: mean(studies.map(({ specificity }) => specificity)),
    hd95Mm: mean(studies.map(({ hd95Mm }) => hd95Mm)),
    surfaceDice: mean(studies.map(({ surfaceDice }) => surfaceDice)) ?? 0,
    lostIn: studies.filter(({ missingIn }) => missingIn === 'compared').length,
    inventedIn: studies.filter(({ missingIn }) => missingIn === 'reference').length,
  };
}

/** Of those that are not null; null if there are none. */
function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** What compression costs a label against a reference that neither network has seen. */
export interface LabelLoss {
  readonly value: number;
  readonly fullDice: number;
  readonly variantDice: number;
  /** `fullDice` − `variantDice`; negative where the variant is the better one. */
  readonly loss: number;
}

/** Ranks labels by what the variant loses of the full model's Dice, both measured against one reference; largest first. */
export function rankLosses(full: FidelityReport, variant: FidelityReport): readonly LabelLoss[] {
  const variantByValue = new Map(variant.labels.map((label) => [label.value, label.dice]));
  return full.labels
    .flatMap(({ value, dice: fullDice }) => {
      const variantDice = variantByValue.get(value);
      return variantDice === undefined
        ? []
        : [{ value, fullDice, variantDice, loss: fullDice - variantDice }];
    })
    .toSorted((a, b) => b.loss - a.loss || a.value - b.value);
}
