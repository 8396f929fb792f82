import { currentLanguage, t } from './i18n.svelte.ts';

/** A DICOM date (DA: `YYYYMMDD`, of old also `YYYY.MM.DD`) as the language writes it; another text as it is. */
export function wordsOfDate(date: string): string {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(date);
  if (!match) return date;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const moment = new Date(Date.UTC(year, month - 1, day));
  // The 31st of June is no date, and no other day is meant.
  if (moment.getUTCMonth() !== month - 1 || moment.getUTCDate() !== day) return date;
  const format = new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium', timeZone: 'UTC' });
  return format.format(moment);
}

/** Patient's Sex (PS3.3 C.7.1.1); another text as it is. */
export function wordsOfSex(sex: string): string {
  return sex === 'F' || sex === 'M' || sex === 'O' ? t(`studies.sexes.${sex}`) : sex;
}
