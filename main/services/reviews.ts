import { AppFailure } from '../contract/app-error.ts';
import type { ReviewState } from '../contract/review.ts';
import { because } from '../contract/known-cause.ts';
import type { LabelFidelity } from '../core/segment/6-measure/compare-labelmaps.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { setReview } from '../db/queries/results.ts';
import type { Context } from './context.ts';
import { getResult, loadLabelmap } from './results.ts';
import type { ViewEngine } from './view-engine.ts';

/** Accepts or rejects a result, or opens it again. Throws AppFailure `not-found`. */
export function reviewResult({ db, now }: Context, id: string, state: ReviewState, note: string): void {
  const result = getResult(db, id);
  const at = now();
  db.transaction(() => {
    setReview(db, id, { state, note, reviewedAt: state === 'open' ? null : at });
    insertAudit(db, at, 'result-reviewed', id, { state, note, before: result.review.state });
  }).immediate();
}

/**
 * Compares two results of one volume, in an engine: the labels that both models have, by value and name, in the order of
 * the reference's. Throws AppFailure: `not-found`, `usage` where they lie on different grids or have no label in common,
 * `out-of-memory`.
 */
export async function compareResults(
  context: Context,
  engine: ViewEngine,
  { reference, compared }: { readonly reference: string; readonly compared: string },
): Promise<readonly LabelFidelity[]> {
  const [first, second] = [getResult(context.db, reference), getResult(context.db, compared)];
  const { grid, recipe } = first;
  if (JSON.stringify(grid) !== JSON.stringify(second.grid)) {
    throw new AppFailure({ code: 'usage', ...because({ code: 'other-grids' }) });
  }
  const values = recipe.labels
    .filter((label) =>
      second.recipe.labels.some(({ value, name }) => value === label.value && name === label.name),
    )
    .map(({ value }) => value);
  if (values.length === 0) {
    throw new AppFailure({ code: 'usage', ...because({ code: 'no-common-label' }) });
  }
  return engine.ask('compare', {
    grid,
    referenceGz: await loadLabelmap(context, first),
    comparedGz: await loadLabelmap(context, second),
    values,
    // The network sees no finer than its own grid.
    toleranceMm: Math.max(...recipe.spacingMm),
  });
}
