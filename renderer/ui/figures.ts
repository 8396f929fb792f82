import { formatNumber } from './format.ts';

/** Rounded down: 0.9496 is not 0.95. */
export function formatDice(dice: number): string {
  return formatNumber(Math.floor(dice * 100 + 1e-9) / 100, 2);
}

/** 31.2 million as `31.2 M`. */
export function formatCount(count: number): string {
  const scale = [
    { from: 1e12, sign: 'T' },
    { from: 1e9, sign: 'G' },
    { from: 1e6, sign: 'M' },
    { from: 1e3, sign: 'k' },
  ].find(({ from }) => count >= from);
  return scale ? `${formatNumber(count / scale.from, 1)} ${scale.sign}` : formatNumber(count, 0);
}
