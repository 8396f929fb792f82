import { z } from 'zod';
import type { ModelCard } from '../contract/model-card.ts';
import { recipePartSchema, trainRecipeSchema } from '../core/learn/recipe/train-recipe.ts';
import type { Manifest } from '../core/model/manifest.ts';
import { ModelFormatError } from '../core/model/model-format-error.ts';
import type { ModelFiles } from './read-model-files.ts';
import { readJson } from './read-model-json.ts';

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const share = z.number().min(0).max(1);
/** The file itself is at most 32 MiB long. */
const most = 10_000_000;

const cardSchema = z.strictObject({
  format: z.literal('thinslice-card/1'),
  appVersion: z.string().max(100),
  recipe: trainRecipeSchema,
  limits: z.strictObject({ steps: count.nullable(), minutes: z.number().gt(0).nullable() }),
  data: z
    .array(
      z.strictObject({
        sha256,
        labels: sha256.nullable(),
        learn: recipePartSchema.nullable(),
        holdOut: recipePartSchema.nullable(),
      }),
    )
    .max(most),
  steps: count,
  losses: z.array(z.number()).max(most),
  judgements: z.array(z.strictObject({ steps: count, score: share })).max(most),
  diverged: z.boolean(),
  heldOut: z
    .array(
      z.strictObject({
        sha256,
        labels: z
          .array(
            z.strictObject({
              value: z.int().min(0).max(255),
              name: z.string().max(200),
              dice: share,
              referenceVoxels: count,
              predictedVoxels: count,
            }),
          )
          .max(256),
      }),
    )
    .max(most),
});

const ending = /\.json$/;

/** Whether a file is a card, not a manifest. */
export const isCard = (path: string): boolean => path.endsWith('.card.json');

/**
 * The card beside a manifest, `NAME.card.json`, as `models train --out` writes it; null where there is none.
 *
 * @throws ModelFormatError for one that is not valid, or of another model
 */
export async function readCard(
  files: ModelFiles,
  manifestPath: string,
  manifest: Manifest,
): Promise<ModelCard | null> {
  const path = manifestPath.replace(ending, '.card.json');
  if (!files.paths.includes(path)) return null;
  const result = cardSchema.safeParse(await readJson(files, path));
  if (!result.success) {
    const [issue] = result.error.issues;
    const where = issue?.path.map(String).join('.') || 'its top';
    throw new ModelFormatError(`the card ${path} is not valid at ${where}: ${issue?.message ?? ''}`);
  }
  const { name, labels } = result.data.recipe;
  if (name !== manifest.name || labels.names.join('\n') !== manifest.labels.join('\n'))
    throw new ModelFormatError(`the card ${path} is of another model (${name})`);
  return result.data;
}
