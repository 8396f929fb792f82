import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { PackEvaluation } from '../../core/pack/pack-manifest.ts';

type Label = PackEvaluation['labels'][number];

interface StoredEvaluation extends Omit<PackEvaluation, 'calibrated' | 'labels'> {
  readonly id: string;
  readonly calibrated: 0 | 1;
}

/** A variant's evaluations without the names and paths of what they were made on; `image` as it is stored. */
export function listPackEvaluations(db: Database, variantId: string): PackEvaluation[] {
  const labels = db.prepare<[string], Label>(
    `SELECT value, reference_voxels AS referenceVoxels, compared_voxels AS comparedVoxels, missing_in AS missingIn,
       dice, sensitivity, specificity, hd95_mm AS hd95Mm, surface_dice AS surfaceDice
     FROM evaluation_labels WHERE evaluation_id = ? ORDER BY value`,
  );
  return db
    .prepare<[string], StoredEvaluation>(
      `SELECT id, image, reference, calibrated, tolerance_mm AS toleranceMm, created_at AS createdAt
       FROM evaluations WHERE variant_id = ?`,
    )
    .all(variantId)
    .map(({ id, image, reference, calibrated, toleranceMm, createdAt }) => ({
      image,
      reference,
      calibrated: calibrated === 1,
      toleranceMm,
      createdAt,
      labels: labels.all(id),
    }));
}

/** Stores an evaluation that came with a pack, under a new id; `imageName` is for people. */
export function insertPackEvaluation(
  db: Database,
  keys: { readonly id: string; readonly variantId: string; readonly imageName: string },
  evaluation: PackEvaluation,
): void {
  db.prepare(
    `INSERT INTO evaluations
       (id, variant_id, image, image_name, reference, reference_path, calibrated, tolerance_mm, created_at)
     VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?)`,
  ).run(
    keys.id,
    keys.variantId,
    evaluation.image,
    keys.imageName,
    evaluation.reference,
    Number(evaluation.calibrated),
    evaluation.toleranceMm,
    evaluation.createdAt,
  );
  const insert = db.prepare(
    `INSERT INTO evaluation_labels (evaluation_id, value, reference_voxels, compared_voxels, missing_in, dice,
       sensitivity, specificity, hd95_mm, surface_dice)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const label of evaluation.labels) {
    const { value, referenceVoxels, comparedVoxels, missingIn, dice } = label;
    const { sensitivity, specificity, hd95Mm, surfaceDice } = label;
    insert.run(
      keys.id,
      value,
      referenceVoxels,
      comparedVoxels,
      missingIn,
      dice,
      sensitivity,
      specificity,
      hd95Mm,
      surfaceDice,
    );
  }
}
