import { meanDice } from '../core/report/variant-fidelity.ts';
import type { Database } from '../db/database.ts';
import { listVariantEvaluations } from '../db/queries/evaluations.ts';

/**
 * Mean Dice of a variant against the full one (`meanDice`), 1 for that itself. Null where it was never evaluated, or is not
 * there any more.
 */
export function fidelityOf(db: Database, variantId: string): number | null {
  // Databases of the first schema say no precision: there was one.
  const isFull = db
    .prepare(
      `SELECT 1 FROM model_variants
       WHERE id = ? AND recipe ->> '$.kind' = 'full' AND coalesce(recipe ->> '$.precision', 'fp32') = 'fp32'`,
    )
    .get(variantId);
  if (isFull) return 1;
  return meanDice(listVariantEvaluations(db, variantId).filter(({ reference }) => reference === 'full'));
}
