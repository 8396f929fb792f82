import type { KnownCause } from '../../main/contract/known-cause.ts';
import { formatBytes, formatNumber } from '../ui/format.ts';
import { t } from './i18n.svelte.ts';

/** A cause in the language of the window: a sentence, or the part of one, as the error that it is of needs it. */
export function wordsOfKnownCause(cause: KnownCause): string {
  switch (cause.code) {
    case 'no-budget':
      return t('errors.known.no-budget', { text: cause.text });
    case 'wrong-modality':
      if (cause.found === '') return t('errors.known.unknown-modality', { reads: cause.reads });
      return t('errors.known.wrong-modality', { reads: cause.reads, found: cause.found });
    case 'channels-apart':
      return t('errors.known.channels-apart', { other: cause.other });
    case 'edit-of-a-foreign-value':
      return t('errors.known.edit-of-a-foreign-value', { value: cause.value });
    case 'too-many-voxels':
      return t('errors.known.too-many-voxels', { voxels: formatNumber(cause.voxels, 0) });
    case 'too-little-memory':
      return t('errors.known.too-little-memory', {
        needed: formatBytes(cause.neededBytes),
        free: formatBytes(cause.freeBytes),
      });
    default:
      return t(`errors.known.${cause.code}`);
  }
}
