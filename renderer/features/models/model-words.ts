import type { Budget } from '../../../main/core/tucker/allocate/budget.ts';
import type {
  FidelityView,
  ModelFacts,
  PackSigner,
  VariantView,
} from '../../../main/contract/ipc/model-channels.ts';
import { formatCount, formatDice } from '../../ui/figures.ts';
import { formatBytes, formatNumber, formatPercent } from '../../ui/format.ts';
import { t } from '../../i18n/i18n.svelte.ts';

/** Under it a label is not to be trusted; `defaultPolicy.fidelityFloor` of the choice. */
const doubtful = 0.95;
const namedAtMost = 3;

export function factRows({
  source,
  description,
  channels,
  labels,
  spacingMm,
  patch,
  sizeBytes,
}: ModelFacts): [string, string][] {
  const inputs = channels.map(({ name, modality }) => (modality ? `${name} (${modality})` : name));
  return [
    ...(description === '' ? [] : [[t('models.description'), description] satisfies [string, string]]),
    [t('models.source'), source],
    [t('models.input'), inputs.join(', ')],
    [t('models.labels'), String(labels.length)],
    [t('models.grid'), t('models.gridOf', { mm: spacingMm.map(trim).join(' × '), patch: patch.join(' × ') })],
    [t('models.size'), formatBytes(sizeBytes)],
  ];
}

function trim(value: number): string {
  return formatNumber(value, Number.isInteger(value) ? 0 : 2);
}

export function wordsOfSigner({ signedBy, trusted }: PackSigner): string {
  if (signedBy === null) return t('models.unsigned');
  return t(trusted ? 'models.signedTrusted' : 'models.signedUnchecked', { key: signedBy });
}

/** How a variant was made: `by the weights, DF 0.5`. */
export function wordsOfMethod({ tucker, precision }: VariantView): string {
  const half = precision === 'fp32' ? '' : `, ${precision}`;
  if (!tucker) return t('models.method.full') + half;
  return `${t(`models.method.${tucker.method}`)}${half}`;
}

export function wordsOfRanks({ tucker }: VariantView): string {
  if (!tucker) return '–';
  const { ranks } = tucker;
  if (ranks.kind === 'factor') return t('models.ranks.factor', { factor: formatNumber(ranks.factor, 2) });
  if (ranks.kind === 'noise') return t('models.ranks.noise');
  return t('models.ranks.budget', { budget: wordsOfBudget(ranks.budget) });
}

function wordsOfBudget(budget: Budget): string {
  switch (budget.kind) {
    case 'share':
      return formatPercent(budget.share);
    case 'macs':
      return `${formatCount(budget.macs)}MAC`;
    case 'time':
      return `${formatNumber(budget.milliseconds, 0)} ms`;
    case 'memory':
      return formatBytes(budget.bytes);
  }
}

/** Mean, then the labels that suffer most by name. */
export function wordsOfFidelity({ dice, images, calibrated, labels, unseen }: FidelityView): string[] {
  if (dice === null) return [t('models.fidelity.nothing')];
  const low = labels.filter((label) => label.dice < doubtful);
  const named = (low.length > 0 ? low : labels).slice(0, namedAtMost);
  const list = named.map((label) => `${label.name} ${formatDice(label.dice)}`).join(', ');
  const more =
    low.length > namedAtMost ? ` ${t('models.fidelity.more', { count: low.length - namedAtMost })}` : '';
  return [
    t('models.fidelity.mean', { dice: formatDice(dice), count: images }),
    ...(named.length === 0
      ? []
      : [t(low.length > 0 ? 'models.fidelity.low' : 'models.fidelity.lowest', { list }) + more]),
    ...(unseen > 0 ? [t('models.fidelity.unseen', { count: unseen })] : []),
    ...(calibrated ? [t('models.fidelity.calibrated')] : []),
  ];
}
