import type { Learning } from '../../../main/contract/engine-protocol.ts';
import type { TuningView } from '../../../main/contract/ipc/tuning-channels.ts';
import { t } from '../../i18n/i18n.svelte.ts';
import { formatDuration, formatNumber } from '../../ui/format.ts';

/** Rounded down, so that 0.9996 is not 1; a step changes the third place. */
export function formatAgreement(value: number): string {
  return formatNumber(Math.floor(value * 1000 + 1e-9) / 1000, 3);
}

/** Three figures, whatever the size. */
export function formatLoss(loss: number): string {
  if (!Number.isFinite(loss)) return '–';
  const digits = loss === 0 ? 0 : Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(loss)))));
  return formatNumber(loss, digits);
}

/** What it does at the moment. */
export function wordsOfState({ state, ending, stage, step }: TuningView): string {
  if (ending) return t(`tuning.endings.${ending}`);
  if (state !== 'running' || stage === null) return t(`tuning.states.${state}`);
  return [...(step ? [t('models.step', { ...step })] : []), t(`jobs.stages.${stage}`)].join(' · ');
}

/** `Step 120 · about 8 min left`. */
export function wordsOfProgress({ state, stage, learning, secondsLeft }: TuningView): string {
  const isLearning = state === 'running' && stage === 'learn';
  return [
    ...(learning && learning.folds > 1
      ? [t('tuning.network', { number: learning.fold + 1, total: learning.folds })]
      : []),
    ...(learning ? [t('tuning.steps', { steps: formatNumber(learning.steps, 0) })] : []),
    ...(isLearning && secondsLeft !== null ? [t('tuning.left', { time: formatDuration(secondsLeft) })] : []),
  ].join(' · ');
}

export function wordsOfLoss({ curve: { losses } }: Learning): string {
  const [first, last] = [losses[0], losses.at(-1)];
  return first && last
    ? t('tuning.lossOf', { first: formatLoss(first.loss), last: formatLoss(last.loss) })
    : t('tuning.loss');
}

export function wordsOfAgreement({ curve: { judgements } }: Learning): string {
  const [first, last] = [judgements[0], judgements.at(-1)];
  if (!first || !last) return t('tuning.agreement');
  return t('tuning.agreementOf', {
    first: formatAgreement(first.score),
    last: formatAgreement(last.score),
  });
}

/** null before something was better than the start. */
export function wordsOfBest({ curve: { judgements } }: Learning): string | null {
  const best = judgements.reduce<Learning['curve']['judgements'][number] | null>(
    (found, each) => (found === null || each.score > found.score ? each : found),
    null,
  );
  if (!best || best.steps === 0) return null;
  return t('tuning.best', { value: formatAgreement(best.score), steps: formatNumber(best.steps, 0) });
}

export interface LearningRow {
  readonly steps: number;
  readonly loss: number | null;
  readonly agreement: number;
}

/** One row a judgement, with the loss of the steps before it. */
export function learningRows({ curve: { losses, judgements } }: Learning): LearningRow[] {
  return judgements.map(({ steps, score }) => ({
    steps,
    loss:
      steps === 0 ? null : (losses.find((each) => each.steps >= steps)?.loss ?? losses.at(-1)?.loss ?? null),
    agreement: score,
  }));
}
