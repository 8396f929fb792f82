import type { Allocation } from './allocate-ranks.ts';
import { BudgetError, BudgetTooSmall } from './budget.ts';

const searches = 12;

/**
 * The dearest allocation, and so the one with the least loss, of which a measure of the whole network stays within a
 * limit: peak memory, or seconds that were really timed. Such measures are no sum over layers; a search by halves over
 * the limits of one that is finds the ranks. Where the measure is not monotonic in them, the answer still meets the limit.
 *
 * @param allocate for a limit of summed costs; throws BudgetError where none meets it
 * @param full summed cost of the full network, where the search begins
 */
export async function allocateWithin(
  allocate: (limit: number) => Allocation,
  full: number,
  measure: (allocation: Allocation) => Promise<number>,
  limit: number,
): Promise<Allocation> {
  const whole = allocate(full);
  if ((await measure(whole)) <= limit) return whole;
  let best: Allocation | null = null;
  let least = Infinity;
  for (let low = 0, high = full, search = 0; search < searches; search++) {
    const middle = (low + high) / 2;
    const allocation = attempt(allocate, middle);
    const measured = allocation ? await measure(allocation) : 0;
    if (allocation) least = Math.min(least, measured);
    if (allocation && measured <= limit) best = allocation;
    if (!allocation || measured <= limit) low = middle;
    else high = middle;
  }
  if (best) return best;
  throw new BudgetTooSmall(limit, least);
}

/** Null where no ranks meet the limit. */
function attempt(allocate: (limit: number) => Allocation, limit: number): Allocation | null {
  try {
    return allocate(limit);
  } catch (error) {
    if (error instanceof BudgetError) return null;
    throw error;
  }
}
