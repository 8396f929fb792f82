import type { LabelFidelity } from '../segment/6-measure/compare-labelmaps.ts';
import {
  rankLosses,
  reportFidelity,
  type LabelLoss,
  type LabelSummary,
} from '../segment/6-measure/rank-labels.ts';

type Named<T> = T & { readonly name: string };
type Label = { readonly value: number; readonly name: string };

/** A variant's labels beside a reference's on one image. */
export interface Comparison {
  readonly image: string;
  /** The variant was made with this image, which flatters it. */
  readonly calibrated: boolean;
  readonly labels: readonly LabelFidelity[];
}

/** How far a variant can be trusted, from all images on which it was compared. */
export interface VariantFidelity {
  readonly variant: string;
  /** Dice against the full model: mean over the labels of an image, then over the images; null where there are none. */
  readonly dice: number | null;
  readonly images: number;
  /** All of them are images that it was made with. */
  readonly calibrated: boolean;
  /** Lowest Dice first; labels that occur in no image are left out. */
  readonly labels: readonly Named<LabelSummary>[];
  /** Labels that occur in none of the images, of which nothing is known. */
  readonly unseen: readonly string[];
  /** What it loses of the full model's Dice against labelmaps of somebody else; null where there are none. */
  readonly losses: LossesAgainstReference | null;
}

export interface LossesAgainstReference {
  readonly images: number;
  readonly fullDice: number | null;
  readonly variantDice: number | null;
  /** Largest loss first. */
  readonly labels: readonly Named<LabelLoss>[];
}

/** Comparisons that tell most: those of images that the variant was not made with, where there are any. */
function telling<T extends Pick<Comparison, 'calibrated'>>(comparisons: readonly T[]): readonly T[] {
  const unseen = comparisons.filter(({ calibrated }) => !calibrated);
  return unseen.length > 0 ? unseen : comparisons;
}

/** Sums up the comparisons of a variant with the full model, and of both with other references. */
export function judgeVariant(
  variant: string,
  labels: readonly Label[],
  comparisons: {
    readonly withFull: readonly Comparison[];
    readonly withReference: readonly Comparison[];
    /** The full model's own, with the same references. */
    readonly fullWithReference: readonly Comparison[];
  },
): VariantFidelity {
  const counted = telling(comparisons.withFull);
  const report = reportFidelity(counted.map((each) => each.labels));
  const occurring = new Set(report.labels.map(({ value }) => value));
  return {
    variant,
    dice: meanDice(comparisons.withFull),
    images: counted.length,
    calibrated: counted.some(({ calibrated }) => calibrated),
    labels: withNames(report.labels, labels),
    unseen: counted.length === 0 ? [] : labels.filter(({ value }) => !occurring.has(value)).map(nameOf),
    losses: lossesAgainstReference(comparisons.withReference, comparisons.fullWithReference, labels),
  };
}

/**
 * Mean Dice: over the labels that either has in an image, then over the images that tell most; those that the variant was
 * made with count only where there are no others. Null where there are none.
 */
export function meanDice(comparisons: readonly Comparison[]): number | null {
  const byImage = comparisons.flatMap(({ calibrated, labels }) => {
    const { dice } = reportFidelity([labels]);
    return dice === null ? [] : [{ calibrated, dice }];
  });
  const counted = telling(byImage);
  return counted.length === 0 ? null : counted.reduce((sum, { dice }) => sum + dice, 0) / counted.length;
}

function lossesAgainstReference(
  ofVariant: readonly Comparison[],
  ofFull: readonly Comparison[],
  labels: readonly Label[],
): LossesAgainstReference | null {
  const pairs = telling(ofVariant).flatMap((variant) => {
    const full = ofFull.find(({ image }) => image === variant.image);
    return full ? [{ variant: variant.labels, full: full.labels }] : [];
  });
  if (pairs.length === 0) return null;
  const full = reportFidelity(pairs.map((pair) => pair.full));
  const variant = reportFidelity(pairs.map((pair) => pair.variant));
  return {
    images: pairs.length,
    fullDice: full.dice,
    variantDice: variant.dice,
    labels: withNames(rankLosses(full, variant), labels),
  };
}

function withNames<T extends { readonly value: number }>(
  rows: readonly T[],
  labels: readonly Label[],
): Named<T>[] {
  const names = new Map(labels.map(({ value, name }) => [value, name]));
  return rows.map((row) => ({ ...row, name: names.get(row.value) ?? String(row.value) }));
}

function nameOf({ name }: Label): string {
  return name;
}
