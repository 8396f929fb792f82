/** One way to have a layer: what is lost by it, and what it costs. */
export interface Candidate {
  readonly loss: number;
  readonly cost: number;
}

/** Costs are told apart to this fraction of what the dearest choice of all costs. */
const steps = 2 ** 16;

/**
 * One candidate of each group, so that the costs add up to at most `limit` and the losses to the least that is
 * possible: the multiple-choice knapsack problem, by dynamic programming (Kellerer, Pferschy, Pisinger: "Knapsack
 * Problems", 11.5). Marginal loss by marginal cost, as a greedy choice weighs it, but without its dead ends. Costs round
 * up to 1/65536 of the dearest choice, so that the limit holds, and a higher limit never gives a larger loss.
 * Deterministic.
 *
 * @returns indices of the candidates, one a group; null where even the cheapest cost too much
 */
export function chooseCandidates(
  groups: readonly (readonly Candidate[])[],
  limit: number,
): readonly number[] | null {
  const wanted = groups.map((group) => frontier(group).at(-1)!);
  if (wanted.reduce((sum, { candidate }) => sum + candidate.cost, 0) <= limit)
    return wanted.map(({ index }) => index);
  const dearest = groups.reduce((sum, group) => sum + Math.max(...group.map(({ cost }) => cost)), 0);
  // Small whole numbers need no rounding.
  const exact = dearest <= steps && groups.flat().every(({ cost }) => Number.isInteger(cost));
  const unit = exact || dearest === 0 ? 1 : dearest / steps;
  const capacity = Math.floor(limit / unit);
  if (!(capacity >= 0)) return null;
  let best = new Float64Array(capacity + 1);
  const choices = groups.map((group) => {
    const next = new Float64Array(capacity + 1).fill(Infinity);
    const choice = new Uint16Array(capacity + 1);
    for (const { candidate, index } of frontier(group)) {
      const units = Math.ceil(candidate.cost / unit);
      for (let at = units; at <= capacity; at++) {
        const loss = best[at - units] + candidate.loss;
        if (loss < next[at]) {
          next[at] = loss;
          choice[at] = index;
        }
      }
    }
    best = next;
    return { choice, group };
  });
  if (best[capacity] === Infinity) return null;
  let at = capacity;
  return choices
    .toReversed()
    .map(({ choice, group }) => {
      const index = choice[at];
      at -= Math.ceil(group[index].cost / unit);
      return index;
    })
    .toReversed();
}

/** Candidates that none beats in loss and cost, the cheapest first. */
function frontier(group: readonly Candidate[]): readonly { candidate: Candidate; index: number }[] {
  const sorted = group
    .map((candidate, index) => ({ candidate, index }))
    .sort((a, b) => a.candidate.cost - b.candidate.cost || a.candidate.loss - b.candidate.loss);
  let least = Infinity;
  return sorted.filter(({ candidate: { loss } }) => {
    if (loss >= least) return false;
    least = loss;
    return true;
  });
}
