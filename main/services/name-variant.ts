import type { VariantRecipe } from '../contract/variant-recipe.ts';

type TuckerRecipe = Extract<VariantRecipe, { kind: 'tucker' }>;

/** What makes two variants different. */
export type VariantKind = Pick<TuckerRecipe, 'method' | 'ranks' | 'layersChosen' | 'precision'>;

/** `df-0.5`, `aware-df-0.5-all`, `time-800ms-fp16`: says how it was made, and is a file's name anywhere. */
export function nameVariant({ method, ranks, layersChosen, precision }: VariantKind): string {
  const parts = [
    ...(method === 'aware' ? ['aware'] : []),
    nameRanks(ranks),
    // A budget decides itself which layers are left whole.
    ...(layersChosen === 'faster' || ranks.kind === 'budget' ? [] : [layersChosen]),
    ...(precision === 'fp32' ? [] : [precision]),
  ];
  return parts.join('-');
}

function nameRanks(ranks: VariantKind['ranks']): string {
  if (ranks.kind === 'factor') return `df-${ranks.factor}`;
  if (ranks.kind === 'noise') return 'noise';
  const { budget } = ranks;
  switch (budget.kind) {
    case 'share':
      return `share-${number(100 * budget.share)}`;
    case 'macs':
      return `macs-${number(budget.macs / 1e9)}g`;
    case 'time':
      return `time-${number(budget.milliseconds)}ms`;
    case 'memory':
      return `memory-${number(budget.bytes / 1e6)}mb`;
  }
}

function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}
