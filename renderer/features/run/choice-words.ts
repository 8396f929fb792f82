import type { ChoiceView } from '../../../main/contract/ipc/job-channels.ts';
import { t } from '../../i18n/i18n.svelte.ts';
import { formatBytes, formatDuration } from '../../ui/format.ts';

/** Why this variant on this device, in short sentences. */
export function reasonsOf({ reason, device }: ChoiceView): string[] {
  const { code, passedOver, maxSeconds, inTime, smallerTile, faithfulEnough, deviceChecked, setAside } =
    reason;
  const wish = maxSeconds === null ? '' : formatDuration(maxSeconds);
  return [
    ...(code === 'most-faithful' ? [t('run.why.mostFaithful')] : []),
    ...(code === 'asked-for' ? [t('run.why.askedFor')] : []),
    ...(code === 'fastest' ? [t('run.why.fastest')] : []),
    ...(passedOver ? [wordsOf(passedOver)] : []),
    ...(inTime || maxSeconds === null ? [] : [t('run.why.late', { wish })]),
    ...(smallerTile ? [t('run.why.smallerTile')] : []),
    ...(faithfulEnough === 'no' ? [t('run.why.lessFaithful')] : []),
    ...(faithfulEnough === 'unknown' ? [t('run.why.neverCompared')] : []),
    ...(deviceChecked ? [] : [t('run.why.unchecked')]),
    ...(device.kind === 'cpu' ? setAside.map((each) => t('run.why.setAside', { device: each.device })) : []),
  ];
}

function wordsOf(passed: NonNullable<ChoiceView['reason']['passedOver']>): string {
  const { variant } = passed;
  switch (passed.because) {
    case 'memory': {
      const [needed, usable] = [
        formatBytes(passed.neededBytes),
        formatBytes(Math.max(0, passed.usableBytes)),
      ];
      return t('run.why.memory', { variant, needed, usable });
    }
    case 'time':
      return t('run.why.time', { variant, time: formatDuration(passed.seconds) });
    case 'ran-out-of-memory':
      return t('run.why.ranOut', { variant });
    case 'no-device':
      return t('run.why.noDevice', { variant });
  }
}
