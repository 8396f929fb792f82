/** What a compressed network may cost. */
export type Budget =
  /** A share of the full network's multiply-accumulates, in (0, 1]. */
  | { readonly kind: 'share'; readonly share: number }
  /** Multiply-accumulates of one patch. */
  | { readonly kind: 'macs'; readonly macs: number }
  /** Of one patch on the machine that compresses. */
  | { readonly kind: 'time'; readonly milliseconds: number }
  /** The most activations in memory at a time. */
  | { readonly kind: 'memory'; readonly bytes: number };

/** A budget that cannot be read, or that no choice of ranks meets. */
export class BudgetError extends Error {
  override readonly name: string = 'BudgetError';
}

/** No choice of ranks meets the budget; in the unit of its costs. */
export class BudgetTooSmall extends BudgetError {
  override readonly name = 'BudgetTooSmall';
  readonly limit: number;
  /** What the smallest ranks take. */
  readonly least: number;
  constructor(limit: number, least: number) {
    super(`the budget allows ${limit}, and the smallest ranks take ${least}`);
    this.limit = limit;
    this.least = least;
  }
}

const macUnits = { MAC: 1, KMAC: 1e3, MMAC: 1e6, GMAC: 1e9, TMAC: 1e12 };
const timeUnits = { MS: 1, S: 1000 };
const memoryUnits = { KB: 1e3, MB: 1e6, GB: 1e9, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30 };

/**
 * Reads `40%`, `65GMAC`, `800ms` or `1.2s`, `2GB` or `2GiB`; capitals and spaces do not matter. Throws BudgetError with
 * what is wrong.
 */
export function parseBudget(text: string): Budget {
  const match = /^\s*(\d+(?:\.\d*)?|\.\d+)\s*(%|[a-z]+)\s*$/i.exec(text);
  const value = Number(match?.[1]);
  const unit = match?.[2].toUpperCase() ?? '';
  if (!match) throw new BudgetError(`"${text}" is no budget: it takes a number with a unit, ${examples}`);
  if (!(value > 0) || !Number.isFinite(value)) throw new BudgetError(`the budget "${text}" allows nothing`);
  if (unit === '%') {
    if (value > 100) throw new BudgetError(`the budget "${text}" is more than the full network`);
    return { kind: 'share', share: value / 100 };
  }
  const factor = (units: Readonly<Record<string, number>>) => units[unit.replace(/MACS$/, 'MAC')];
  const [macs, time, memory] = [factor(macUnits), factor(timeUnits), factor(memoryUnits)];
  if (macs !== undefined) return { kind: 'macs', macs: value * macs };
  if (time !== undefined) return { kind: 'time', milliseconds: value * time };
  if (memory !== undefined) return { kind: 'memory', bytes: value * memory };
  throw new BudgetError(`"${match[2]}" in the budget "${text}" is no unit we know: write it ${examples}`);
}

const examples = 'such as 40%, 65GMAC, 800ms or 2GB';
