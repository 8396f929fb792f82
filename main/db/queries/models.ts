import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { VariantCosts, VariantRecipe } from '../../contract/variant-recipe.ts';
import type { SegmentationModel } from '../../core/model/segmentation-model.ts';

export interface ModelRow {
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
  readonly source: string;
  readonly licence: string;
  readonly description: string;
  readonly recipe: SegmentationModel;
  readonly importedAt: string;
}

export interface VariantRow {
  readonly id: string;
  readonly modelId: string;
  readonly name: string;
  readonly recipe: VariantRecipe;
  readonly parameters: number;
  readonly macs: number;
  /** Null until somebody needs them (`costsOf`). */
  readonly costs: VariantCosts | null;
  readonly createdAt: string;
}

interface StoredModel extends Omit<ModelRow, 'recipe'> {
  readonly recipe: string;
}

interface StoredVariant extends Omit<VariantRow, 'recipe' | 'costs'> {
  readonly recipe: string;
  readonly costs: string | null;
}

const modelColumns = `id, name, sha256, source, licence, description, recipe, imported_at AS importedAt`;
const variantColumns = `id, model_id AS modelId, name, recipe, parameters, macs, costs, created_at AS createdAt`;

const parse = (row: StoredModel): ModelRow => ({
  ...row,
  recipe: JSON.parse(row.recipe) as SegmentationModel,
});

export function insertModel(db: Database, model: ModelRow): void {
  db.prepare(
    `INSERT INTO models (id, name, sha256, source, licence, description, recipe, imported_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    model.id,
    model.name,
    model.sha256,
    model.source,
    model.licence,
    model.description,
    JSON.stringify(model.recipe),
    model.importedAt,
  );
}

/** A variant and its networks (hashes of blobs already stored), one a fold. */
export function insertVariant(db: Database, variant: VariantRow, networks: readonly string[]): void {
  db.prepare(
    `INSERT INTO model_variants (id, model_id, name, recipe, parameters, macs, costs, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    variant.id,
    variant.modelId,
    variant.name,
    JSON.stringify(variant.recipe),
    variant.parameters,
    variant.macs,
    variant.costs && JSON.stringify(variant.costs),
    variant.createdAt,
  );
  const insert = db.prepare(`INSERT INTO variant_networks (variant_id, fold, sha256) VALUES (?, ?, ?)`);
  networks.forEach((sha256, fold) => insert.run(variant.id, fold, sha256));
}

export function listModels(db: Database): ModelRow[] {
  return db
    .prepare<[], StoredModel>(`SELECT ${modelColumns} FROM models ORDER BY imported_at, id`)
    .all()
    .map(parse);
}

export function findModel(db: Database, id: string): ModelRow | undefined {
  const row = db.prepare<[string], StoredModel>(`SELECT ${modelColumns} FROM models WHERE id = ?`).get(id);
  return row && parse(row);
}

export function findModelByHash(db: Database, sha256: string): ModelRow | undefined {
  const row = db
    .prepare<[string], StoredModel>(`SELECT ${modelColumns} FROM models WHERE sha256 = ?`)
    .get(sha256);
  return row && parse(row);
}

export function listVariants(db: Database, modelId: string): VariantRow[] {
  return db
    .prepare<[string], StoredVariant>(
      `SELECT ${variantColumns} FROM model_variants WHERE model_id = ? ORDER BY macs DESC, id`,
    )
    .all(modelId)
    .map((row) => ({
      ...row,
      recipe: JSON.parse(row.recipe) as VariantRecipe,
      costs: row.costs === null ? null : (JSON.parse(row.costs) as VariantCosts),
    }));
}

/** SHA-256 of a variant's networks, in fold order. */
export function listNetworks(db: Database, variantId: string): string[] {
  return db
    .prepare<[string], string>(`SELECT sha256 FROM variant_networks WHERE variant_id = ? ORDER BY fold`)
    .pluck()
    .all(variantId) as unknown as string[];
}

export function setVariantCosts(db: Database, variantId: string, costs: VariantCosts): void {
  db.prepare(`UPDATE model_variants SET costs = ? WHERE id = ?`).run(JSON.stringify(costs), variantId);
}

export function deleteVariant(db: Database, variantId: string): void {
  db.prepare(`DELETE FROM model_variants WHERE id = ?`).run(variantId);
}

export function deleteModel(db: Database, id: string): void {
  db.prepare(`DELETE FROM models WHERE id = ?`).run(id);
}
