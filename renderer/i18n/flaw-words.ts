import type { FileFlaw } from '../../main/core/dicom/file-flaw.ts';
import { wordsOfCause } from './cause-words.ts';
import { currentLanguage, t } from './i18n.svelte.ts';

/** Why a file is not used, or not as a whole, in the language of the window: a part of a sentence. */
export function wordsOfFlaw(flaw: FileFlaw): string {
  const format = (count: number): string => new Intl.NumberFormat(currentLanguage()).format(count);
  switch (flaw.code) {
    case 'header-damaged':
      return t('errors.flaw.headerDamaged', { byte: format(flaw.atByte) });
    case 'header-cut-short':
      if (flaw.atByte === null) return t('errors.flaw.headerCutShort');
      return t('errors.flaw.headerCutShortAt', { byte: format(flaw.atByte) });
    case 'pixels-missing':
      return t('errors.flaw.pixelsMissing');
    case 'pixels-cut-short':
      return t('errors.flaw.pixelsCutShort', { count: flaw.missingBytes, n: format(flaw.missingBytes) });
    case 'no-image':
      return t('errors.flaw.noImage');
    case 'unreadable':
      return wordsOfCause(flaw.cause);
  }
}
