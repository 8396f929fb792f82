import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { LabelFidelity } from '../../core/segment/6-measure/compare-labelmaps.ts';

/** A variant's labels beside a reference's on one image. */
export interface EvaluationRow {
  readonly id: string;
  readonly variantId: string;
  /** The image's identity (`imageKey`). */
  readonly image: string;
  /** For people. */
  readonly imageName: string;
  /** `full`: the labels of the full variant; `labelmap`: those of the file at `referencePath`. */
  readonly reference: 'full' | 'labelmap';
  readonly referencePath: string | null;
  /** The variant was made with this image, which flatters it. */
  readonly calibrated: boolean;
  readonly toleranceMm: number;
  readonly createdAt: string;
  /** Every label of the model, by value. */
  readonly labels: readonly LabelFidelity[];
}

type StoredEvaluation = Omit<EvaluationRow, 'calibrated' | 'labels'> & { readonly calibrated: number };

/** In place of any of the same image (by one of its `keys`) against the same kind of reference. */
export function putEvaluation(db: Database, row: EvaluationRow, keys: readonly string[]): void {
  const clear = db.prepare(`DELETE FROM evaluations WHERE variant_id = ? AND reference = ? AND image = ?`);
  for (const key of keys) clear.run(row.variantId, row.reference, key);
  db.prepare(
    `INSERT INTO evaluations (id, variant_id, image, image_name, reference, reference_path, calibrated, tolerance_mm,
       created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    row.id,
    row.variantId,
    row.image,
    row.imageName,
    row.reference,
    row.referencePath,
    row.calibrated ? 1 : 0,
    row.toleranceMm,
    row.createdAt,
  );
  const insert = db.prepare(
    `INSERT INTO evaluation_labels (evaluation_id, value, reference_voxels, compared_voxels, missing_in, dice,
       sensitivity, specificity, hd95_mm, surface_dice)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const label of row.labels) {
    insert.run(
      row.id,
      label.value,
      label.referenceVoxels,
      label.comparedVoxels,
      label.missingIn,
      label.dice,
      label.sensitivity,
      label.specificity,
      label.hd95Mm,
      label.surfaceDice,
    );
  }
}

/** Of one variant, oldest first. */
export function listVariantEvaluations(db: Database, variantId: string): EvaluationRow[] {
  const labels = db.prepare<[string], LabelFidelity>(
    `SELECT value, reference_voxels AS referenceVoxels, compared_voxels AS comparedVoxels, missing_in AS missingIn,
       dice, sensitivity, specificity, hd95_mm AS hd95Mm, surface_dice AS surfaceDice
     FROM evaluation_labels WHERE evaluation_id = ? ORDER BY value`,
  );
  return db
    .prepare<[string], StoredEvaluation>(
      `SELECT id, variant_id AS variantId, image, image_name AS imageName, reference, reference_path AS referencePath,
         calibrated, tolerance_mm AS toleranceMm, created_at AS createdAt
       FROM evaluations WHERE variant_id = ? ORDER BY created_at, id`,
    )
    .all(variantId)
    .map((row) => ({ ...row, calibrated: row.calibrated === 1, labels: labels.all(row.id) }));
}
