import type { AppErrorCode } from '../../main/contract/app-error.ts';
import type { Stage } from '../../main/contract/engine-protocol.ts';
import { t } from './i18n.svelte.ts';

/** Why something else is tried now. */
export function wordsOfSetback(code: AppErrorCode, variant: string, device: string): string {
  switch (code) {
    case 'out-of-memory':
      return t('decisions.setback.outOfMemory', { variant, device });
    case 'device-failed':
      return t('decisions.setback.deviceFailed', { device });
    case 'engine-died':
      return t('decisions.setback.engineDied');
    default:
      return t('decisions.setback.other', { variant, device });
  }
}

export function wordsOfStage(stage: Stage): string {
  return t(`decisions.stage.${stage}`);
}
