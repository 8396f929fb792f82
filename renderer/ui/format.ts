import { currentLanguage, t } from '../i18n/i18n.svelte.ts';

/** A length of time as people say it: `8 s`, `2 min`, `1.5 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return t('app.units.seconds', { value: Math.max(1, Math.round(seconds)) });
  if (seconds < 5400) return t('app.units.minutes', { value: Math.round(seconds / 60) });
  return t('app.units.hours', { value: formatNumber(seconds / 3600, 1) });
}

/** Decimal megabytes and gigabytes, as systems tell memory and files. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e9) return t('app.units.megabytes', { value: formatNumber(bytes / 1e6, 0) });
  return t('app.units.gigabytes', { value: formatNumber(bytes / 1e9, 1) });
}

/** Rounded down: 99.96 % is not all of it. */
export function formatPercent(part: number): string {
  return t('app.units.percent', { value: formatNumber(Math.floor(part * 1000 + 1e-9) / 10, 1) });
}

export function formatNumber(value: number, digits: number): string {
  return value.toLocaleString(currentLanguage(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Date and time of an ISO 8601 instant, in the computer's own time zone. */
export function formatTime(iso: string): string {
  return new Date(iso).toLocaleString(currentLanguage(), { dateStyle: 'medium', timeStyle: 'short' });
}

/** Rounded down: 0.996 is not 1. */
export function formatDice(dice: number): string {
  return formatNumber(Math.floor(dice * 100 + 1e-9) / 100, 2);
}
