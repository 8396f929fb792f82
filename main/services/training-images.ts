import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import type { CardImage } from '../contract/model-card.ts';
import type { TrainImage } from '../contract/train-request.ts';
import { recipeManifest } from '../core/learn/recipe/recipe-manifest.ts';
import type { RecipePart, TrainRecipe } from '../core/learn/recipe/train-recipe.ts';
import { manifestModel } from '../core/model/manifest.ts';
import type { Context } from './context.ts';
import { labelFile } from './evaluate.ts';
import { findLabels } from './find-labels.ts';
import { gatherImages, type Image } from './gather-images.ts';
import type { ScanOptions } from './gather-input.ts';
import { filesOf, hashFiles } from './hash-files.ts';
import { opaqueImage } from './opaque-image.ts';
import { scanFolder } from './scan-folder.ts';

export interface TrainingPaths {
  /** Study folders, NIfTI files, or folders of NIfTI files. */
  readonly on: readonly string[];
  /** To judge on, beside what the recipe holds out. */
  readonly holdOut: readonly string[];
  /** Folder of label maps; null: the recipe's rule labels. */
  readonly labels: string | null;
}

export interface TrainingImages {
  readonly learn: readonly TrainImage[];
  readonly heldOut: readonly TrainImage[];
  /** Hashes of the images of `heldOut`, one each. */
  readonly heldOutHashes: readonly string[];
  readonly data: readonly CardImage[];
  /** The recipe with its images named by their hashes: names may be those of patients. */
  readonly namelessRecipe: TrainRecipe;
}

/**
 * Finds the images, their labels and what of them is held out: as the recipe says, as was asked for, else a quarter of the
 * images. Throws AppFailure as `gatherImages` and `findLabels` do, `usage` where nothing is left to learn from or to
 * judge on.
 */
export async function gatherTrainingImages(
  context: Context,
  { on, holdOut, labels }: TrainingPaths,
  recipe: TrainRecipe,
  options: ScanOptions,
): Promise<TrainingImages> {
  if (labels === null && recipe.labels.rule === undefined)
    throw usage(
      'This recipe has no rule that makes labels; give a folder of label maps with --labels FOLDER.',
    );
  // Which images are looked for says the channel; how they are normalised nobody asks yet.
  const model = { id: recipe.name, recipe: manifestModel(recipeManifest(recipe, { kind: 'none' })) };
  const gather = async (paths: readonly string[]): Promise<Image[]> =>
    paths.length === 0
      ? []
      : gatherImages(
          context,
          { on: (await Promise.all(paths.map((path) => imagesIn(path, options)))).flat(), channels: {} },
          model,
          options,
        );
  const [images, held] = [await gather(on), await gather(holdOut)];
  const uses = shareOut(images, held, recipe);
  const used = uses.filter(({ learn, holdOut }) => learn !== null || holdOut !== null);
  const paths =
    labels === null
      ? null
      : await findLabels(
          labels,
          used.map(({ image }) => image),
        );
  return { ...(await assemble(used, paths)), namelessRecipe: withoutNames(recipe, [...images, ...held]) };
}

/** What a recipe may call an image. */
const namesOf = ({ key, input }: Image): string[] => [key, opaqueImage(key), basename(input.path)];

function withoutNames(recipe: TrainRecipe, images: readonly Image[]): TrainRecipe {
  const keyOf = (name: string): string => images.find((image) => namesOf(image).includes(name))?.key ?? name;
  return {
    ...recipe,
    parts: recipe.parts.map((part) => ({ ...part, image: opaqueImage(keyOf(part.image)) })),
  };
}

/** A folder of NIfTI files stands for each of them; beside a study they may be what was made of it, and are not looked at. */
async function imagesIn(path: string, options: ScanOptions): Promise<string[]> {
  if (!(await stat(path).catch(() => null))?.isDirectory()) return [path];
  const entries = await readdir(path);
  const names = entries.filter((name) => /\.nii(\.gz)?$/i.test(name)).sort();
  if (names.length === 0) return [path];
  const isStudy = names.length < entries.length && (await scanFolder(path, options)).studies.length > 0;
  return isStudy ? [path] : names.map((name) => join(path, name));
}

interface Use {
  readonly image: Image;
  readonly learn: RecipePart | null;
  readonly holdOut: RecipePart | null;
}

function shareOut(images: readonly Image[], held: readonly Image[], recipe: TrainRecipe): Use[] {
  const heldKeys = new Set(held.map(({ key }) => key));
  const uses = images
    .filter(({ key }) => !heldKeys.has(key))
    .map((image) => {
      const part = recipe.parts.find((each) => namesOf(image).includes(each.image));
      return { image, learn: part ? (part.learn ?? null) : ('all' as const), holdOut: part?.holdOut ?? null };
    });
  const all: Use[] = [...uses, ...held.map((image) => ({ image, learn: null, holdOut: 'all' as const }))];
  const isJudged = all.some(({ holdOut }) => holdOut !== null);
  const shared = isJudged ? all : holdSomeOut(all);
  if (!shared.some(({ learn }) => learn !== null))
    throw usage('No image is left to learn from; give --on PATH, beside what is held out.');
  return shared;
}

/** Of those that may be learnt from, and no more of each than may be. */
function holdSomeOut(uses: readonly Use[]): Use[] {
  const usable = uses.filter(({ learn }) => learn !== null);
  if (usable.length < 2)
    throw usage('There is nothing to judge by: give two images at least, or --hold-out PATH.');
  const held = new Set(usable.slice(-Math.max(1, Math.floor(usable.length / 4))));
  return uses.map((use) => (held.has(use) ? { ...use, learn: null, holdOut: use.learn } : use));
}

async function assemble(
  uses: readonly Use[],
  labelPaths: ReadonlyMap<string, string> | null,
): Promise<Omit<TrainingImages, 'namelessRecipe'>> {
  const learn: TrainImage[] = [];
  const heldOut: TrainImage[] = [];
  const heldOutHashes: string[] = [];
  const data: CardImage[] = [];
  for (const use of uses) {
    const { key, name, input } = use.image;
    const source = input.channels[0]!;
    const path = labelPaths?.get(key);
    const labels = path === undefined ? null : labelFile(input, path);
    const sha256 = await hashFiles(filesOf(source));
    if (use.learn !== null) learn.push({ name, source, labels, part: use.learn });
    if (use.holdOut !== null) {
      heldOut.push({ name, source, labels, part: use.holdOut });
      heldOutHashes.push(sha256);
    }
    const labelsHash = labels && (await hashFiles([labels.path]));
    data.push({ sha256, labels: labelsHash, learn: use.learn, holdOut: use.holdOut });
  }
  return { learn, heldOut, heldOutHashes, data };
}

function usage(detail: string): AppFailure {
  return new AppFailure({ code: 'usage', detail });
}
