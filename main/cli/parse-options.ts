import { InvalidArgumentError } from 'commander';

/** An option that can be given several times. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** NAME=PATH, once a name. */
export function collectChannel(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const cut = text.indexOf('=');
  if (cut < 1 || cut === text.length - 1) throw new InvalidArgumentError('expected NAME=PATH');
  const name = text.slice(0, cut);
  if (Object.hasOwn(earlier, name)) throw new InvalidArgumentError(`channel ${name} is named twice`);
  return { ...earlier, [name]: text.slice(cut + 1) };
}

export function parseCount(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('expected a small whole number');
  return Number(text);
}

const mostWhole = 2_147_483_646;

/** From 1 to what a seed may be. */
export function parseWhole(text: string): number {
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value >= 1 && value <= mostWhole) return value;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${mostWhole}`);
}

export function parsePositive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('expected a number above 0');
  return value;
}
