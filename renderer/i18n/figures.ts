import { currentLanguage, t } from './i18n.svelte.ts';

/** Numbers as the language of the window writes them. */

export function formatNumber(value: number, digits = 0): string {
  return new Intl.NumberFormat(currentLanguage(), {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  }).format(value);
}

/** A part of one, rounded down: 99.96 % is not all of it. */
export function formatPercent(part: number): string {
  const percent = Math.floor(part * 1000 + 1e-9) / 10;
  return `${formatNumber(percent, Number.isInteger(percent) ? 0 : 1)} %`;
}

/** Rounded down: 0.9496 is not 0.95. */
export function formatDice(dice: number): string {
  return formatNumber(Math.floor(dice * 100 + 1e-9) / 100, 2);
}

export function formatBytes(bytes: number): string {
  const positive = Math.max(0, bytes);
  if (positive < 1e8) return t('decisions.unit.megabytes', { n: formatNumber(positive / 1e6, 1) });
  return t('decisions.unit.gigabytes', { n: formatNumber(positive / 1e9, 1) });
}

/** 40 s, 12 min, 1.5 h: what a person plans with. */
export function formatSpan(seconds: number): string {
  if (seconds < 90) return t('decisions.unit.seconds', { n: formatNumber(Math.max(1, seconds)) });
  if (seconds < 5400) return t('decisions.unit.minutes', { n: formatNumber(seconds / 60) });
  return t('decisions.unit.hours', { n: formatNumber(seconds / 3600, 1) });
}

/** 31.2 million as `31.2 M`. */
export function formatCount(count: number): string {
  const scale = [
    { from: 1e12, sign: 'T' },
    { from: 1e9, sign: 'G' },
    { from: 1e6, sign: 'M' },
    { from: 1e3, sign: 'k' },
  ].find(({ from }) => count >= from);
  return scale ? `${formatNumber(count / scale.from, 1)} ${scale.sign}` : formatNumber(count);
}

/** ISO 8601 as a date and time of this place. */
export function formatMoment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium', timeStyle: 'short' }).format(date);
}
