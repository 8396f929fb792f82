import type { Database } from '../db/database.ts';

/**
 * Mean Dice of a variant against the full one, 1 for that itself: over the labels that either has in an image, then over
 * the images; those that the variant was made with count only where there are no others, since they flatter it. Null
 * where it was never evaluated, or is not there any more.
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
  const byImage = db
    .prepare<[string], { calibrated: number; dice: number }>(
      `SELECT calibrated, avg(dice) AS dice FROM evaluations
       JOIN evaluation_labels ON evaluation_id = id
       WHERE variant_id = ? AND reference = 'full' AND missing_in <> 'both'
       GROUP BY id`,
    )
    .all(variantId);
  const unseen = byImage.filter(({ calibrated }) => calibrated === 0);
  const counted = unseen.length > 0 ? unseen : byImage;
  if (counted.length === 0) return null;
  return counted.reduce((sum, { dice }) => sum + dice, 0) / counted.length;
}
