import type { Choice, PassedOver, Refusal } from '../../main/core/choose/choice.ts';
import type { SelfCheckFailure } from '../../main/core/devices/self-check.ts';
import { formatBytes, formatPercent, formatSpan } from './figures.ts';
import { t } from './i18n.svelte.ts';

/** Why this variant on this device, as one sentence in the language of the window. */
export function wordsOfChoice(choice: Choice): string {
  const { variant, device, reason } = choice;
  const { inTime, maxSeconds, smallerTile } = reason;
  return t('decisions.runs', {
    variant: variant.name,
    overlap: overlap(choice),
    device: device.name,
    time: formatSpan(choice.expectedSeconds),
    late: inTime || maxSeconds === null ? '' : t('decisions.late', { wish: formatSpan(maxSeconds) }),
    pieces: smallerTile ? t('decisions.pieces') : '',
    because: because(choice),
    caveats: caveats(choice),
  });
}

function overlap({ variant, reason }: Choice): string {
  if (reason.code === 'most-faithful') return '';
  if (variant.fidelity === null) return t('decisions.overlapUnknown');
  return t('decisions.overlap', { percent: formatPercent(variant.fidelity) });
}

function because({ reason: { code, passedOver, maxSeconds } }: Choice): string {
  const obstacle = passedOver ? wordsOfObstacle(passedOver, maxSeconds) : '';
  switch (code) {
    case 'most-faithful':
      return t('decisions.because.mostFaithful');
    case 'most-faithful-possible':
      return t('decisions.because.obstacle', { obstacle });
    case 'fastest':
      return t('decisions.because.fastest');
    case 'asked-for':
      return obstacle === ''
        ? t('decisions.because.askedFor')
        : t('decisions.because.askedForObstacle', { obstacle });
  }
}

function wordsOfObstacle(passed: PassedOver, maxSeconds: number | null): string {
  const { variant } = passed;
  switch (passed.because) {
    case 'memory':
      return t('decisions.obstacle.memory', {
        variant,
        needed: formatBytes(passed.neededBytes),
        usable: formatBytes(passed.usableBytes),
      });
    case 'time': {
      const time = formatSpan(passed.seconds);
      if (maxSeconds === null) return t('decisions.obstacle.time', { variant, time });
      return t('decisions.obstacle.timeWish', { variant, time, wish: formatSpan(maxSeconds) });
    }
    case 'ran-out-of-memory':
      return t('decisions.obstacle.ranOutOfMemory', { variant });
    case 'no-device':
      return t('decisions.obstacle.noDevice', { variant });
  }
}

function caveats({ reason, device }: Choice): string {
  const setAside = device.kind === 'cpu' ? reason.setAside : [];
  return [
    ...(reason.faithfulEnough === 'no' ? [t('decisions.caveat.lessFaithful')] : []),
    ...(reason.deviceChecked ? [] : [t('decisions.caveat.unchecked')]),
    ...setAside.map((each) =>
      t('decisions.caveat.setAside', { device: each.device, failure: wordsOfFault(each.failure) }),
    ),
  ].join('');
}

/** Why nothing can be chosen, and what to do. */
export function wordsOfRefusal(refusal: Refusal): string {
  switch (refusal.code) {
    case 'no-variants':
      return t('decisions.refusal.noVariants');
    case 'no-device':
      return t('decisions.refusal.noDevice');
    case 'unknown-variant':
      return t('decisions.refusal.unknownVariant', { variant: refusal.variantId });
    case 'unknown-device':
      return t('decisions.refusal.unknownDevice', { device: refusal.deviceKey });
    case 'device-set-aside':
      return t('decisions.refusal.deviceSetAside', {
        device: refusal.device,
        failure: wordsOfFault(refusal.failure),
      });
    case 'wrong-provider':
      return t('decisions.refusal.wrongProvider', { variant: refusal.variant, device: refusal.device });
    case 'below-floor':
      if (refusal.best === null) return t('decisions.refusal.neverCompared');
      return t('decisions.refusal.belowFloor', {
        best: formatPercent(refusal.best),
        floor: formatPercent(refusal.floor),
      });
    case 'too-little-memory':
      return t('decisions.refusal.tooLittleMemory', {
        variant: refusal.variant,
        device: refusal.device,
        needed: formatBytes(refusal.neededBytes),
        usable: formatBytes(refusal.usableBytes),
      });
    case 'ran-out-of-memory':
      return t('decisions.refusal.ranOutOfMemory');
  }
}

/** What a device did wrong. */
export function wordsOfFault(failure: SelfCheckFailure): string {
  switch (failure.code) {
    case 'threw':
      return t('decisions.failure.threw', { detail: failure.detail });
    case 'failed-at-work':
      return t('decisions.failure.failedAtWork', { detail: failure.detail });
    case 'wrong-size':
      return t('decisions.failure.wrongSize', { got: failure.got, expected: failure.expected });
    case 'not-a-number':
      return t('decisions.failure.notANumber', { count: failure.values });
    case 'all-zero':
      return t('decisions.failure.allZero');
    case 'wrong-labels':
      return t('decisions.failure.wrongLabels', { percent: formatPercent(1 - failure.agreement) });
  }
}
