import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { PackEvaluation } from '../../core/pack/pack-manifest.ts';
import { listVariantEvaluations, putEvaluation } from './evaluations.ts';

/** A variant's evaluations without the names and paths of what they were made on; `image` as it is stored. */
export function listPackEvaluations(db: Database, variantId: string): PackEvaluation[] {
  return listVariantEvaluations(db, variantId).map(
    ({ image, reference, calibrated, toleranceMm, createdAt, labels }) => ({
      image,
      reference,
      calibrated,
      toleranceMm,
      createdAt,
      labels: [...labels],
    }),
  );
}

/** Stores an evaluation that came with a pack, under a new id; `imageName` is for people. */
export function insertPackEvaluation(
  db: Database,
  keys: { readonly id: string; readonly variantId: string; readonly imageName: string },
  evaluation: PackEvaluation,
): void {
  putEvaluation(db, { ...evaluation, ...keys, referencePath: null }, []);
}
