import { AppFailure } from '../contract/app-error.ts';
import { because } from '../contract/known-cause.ts';
import type { Context } from './context.ts';
import type { VariantRow } from '../db/queries/models.ts';
import { isCalibratedOn } from './evaluate.ts';
import { findLabels } from './find-labels.ts';
import { gatherImages, type Image } from './gather-images.ts';
import type { ScanOptions } from './gather-input.ts';
import type { ModelSummary } from './models.ts';

export interface TunePaths {
  /** Study folders or NIfTI files to learn on, unlabelled. */
  readonly on: readonly string[];
  /** To judge on; without any, a quarter of `on`, at least one, is held out: of those that the variant has not seen, if there are. */
  readonly holdOut: readonly string[];
  /** Folder of label maps to learn from, of every image; without one it learns from the full network. */
  readonly labels?: string | undefined;
}

export interface TuneImages {
  readonly learn: readonly Image[];
  /** None of `learn`. */
  readonly heldOut: readonly Image[];
  /** Label maps by the images' keys; null where it learns from the full network. */
  readonly labels: ReadonlyMap<string, string> | null;
}

/**
 * Finds the images and their labels, and shares them out. Throws AppFailure `usage` where there are too few, and as `gatherImages`
 * and `findLabels` do.
 */
export async function gatherTuneImages(
  context: Context,
  paths: TunePaths,
  model: ModelSummary,
  { recipe }: VariantRow,
  options: ScanOptions,
): Promise<TuneImages> {
  const isKnown = ({ key }: Image): boolean => isCalibratedOn(recipe, key);
  const shared = await shareOut(context, paths, model, isKnown, options);
  if (paths.labels === undefined) return { ...shared, labels: null };
  return { ...shared, labels: await findLabels(paths.labels, [...shared.learn, ...shared.heldOut]) };
}

type SharedOut = Omit<TuneImages, 'labels'>;

async function shareOut(
  context: Context,
  { on, holdOut }: TunePaths,
  model: ModelSummary,
  isKnown: (image: Image) => boolean,
  options: ScanOptions,
): Promise<SharedOut> {
  const gather = (paths: readonly string[]): Promise<Image[]> =>
    gatherImages(context, { on: paths, channels: {} }, model, options);
  const images = on.length > 0 ? await gather(on) : [];
  if (holdOut.length === 0)
    return holdSomeOut([...images.filter(isKnown), ...images.filter((each) => !isKnown(each))]);
  const heldOut = await gather(holdOut);
  const kept = new Set(heldOut.map(({ key }) => key));
  const learn = images.filter(({ key }) => !kept.has(key));
  if (learn.length > 0) return { learn, heldOut };
  throw new AppFailure({ code: 'usage', ...because({ code: 'all-held-out' }) });
}

function holdSomeOut(images: readonly Image[]): SharedOut {
  if (images.length < 2) {
    throw new AppFailure({ code: 'usage', ...because({ code: 'one-image' }) });
  }
  const held = Math.max(1, Math.floor(images.length / 4));
  return { learn: images.slice(0, -held), heldOut: images.slice(-held) };
}
