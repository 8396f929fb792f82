import type { Refusal } from '../../main/core/choose/choice.ts';
import type { SelfCheckFailure } from '../../main/core/devices/self-check.ts';
import { formatBytes, formatPercent } from '../ui/format.ts';
import { t } from './i18n.svelte.ts';

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
