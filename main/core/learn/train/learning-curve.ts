/** What the averaged weights were worth after so many steps. */
export interface Judgement {
  readonly steps: number;
  readonly score: number;
}

/** How learning went, in few enough points to be sent and drawn often. */
export interface LearningCurve {
  /** The mean loss of the steps up to `steps`, since the point before. */
  readonly losses: readonly { readonly steps: number; readonly loss: number }[];
  readonly judgements: readonly Judgement[];
}

/** More are not told apart on a screen. */
const mostPoints = 200;

/** Losses of single steps scatter: where there are many, each point is the mean of as many steps. The last judgement always stays. */
export function learningCurve(
  losses: readonly number[],
  judgements: readonly Judgement[],
  most = mostPoints,
): LearningCurve {
  const width = Math.max(1, Math.ceil(losses.length / most));
  const points: { steps: number; loss: number }[] = [];
  for (let from = 0; from < losses.length; from += width) {
    const part = losses.slice(from, from + width);
    points.push({
      steps: from + part.length,
      loss: part.reduce((sum, loss) => sum + loss, 0) / part.length,
    });
  }
  const every = Math.max(1, Math.ceil(judgements.length / most));
  const last = judgements.length - 1;
  return { losses: points, judgements: judgements.filter((_, i) => i === last || i % every === 0) };
}
