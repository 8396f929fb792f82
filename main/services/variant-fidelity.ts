import { judgeVariant, type VariantFidelity } from '../core/report/variant-fidelity.ts';
import type { Database } from '../db/database.ts';
import { listVariantEvaluations, type EvaluationRow } from '../db/queries/evaluations.ts';
import { listVariants } from '../db/queries/models.ts';
import { fullVariant, type ModelSummary } from './models.ts';

/** All comparisons of a model's variants. */
export function listEvaluations(db: Database, modelId: string): EvaluationRow[] {
  return listVariants(db, modelId).flatMap(({ id }) => listVariantEvaluations(db, id));
}

/** What is known of each variant but the full one, in the order of the model's variants. */
export function listFidelity(db: Database, { id, recipe, variants }: ModelSummary): VariantFidelity[] {
  const evaluations = listEvaluations(db, id);
  const of = (variantId: string) => evaluations.filter((each) => each.variantId === variantId);
  const full = variants.find(({ name }) => name === fullVariant);
  return variants
    .filter((variant) => variant !== full)
    .map((variant) =>
      judgeVariant(variant.name, recipe.labels, {
        withFull: of(variant.id).filter(isWithFull),
        withReference: of(variant.id).filter((each) => !isWithFull(each)),
        fullWithReference: full ? of(full.id) : [],
      }),
    );
}

function isWithFull({ reference }: EvaluationRow): boolean {
  return reference === 'full';
}
