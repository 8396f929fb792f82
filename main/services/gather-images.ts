import { basename, join } from 'node:path';
import { AppFailure } from '../contract/app-error.ts';
import type { JobInput } from '../contract/job.ts';
import type { Context } from './context.ts';
import { gatherInput, type InputRequest, type ScanOptions } from './gather-input.ts';
import { imageKey } from './image-key.ts';
import type { ModelSummary } from './models.ts';

export interface ImageRequest extends Pick<InputRequest, 'series' | 'channels'> {
  /** Folders and files, an image each; none: the bundled sample, for a model of one CT channel. */
  readonly on: readonly string[];
}

export interface Image {
  /** Its identity. */
  readonly key: string;
  /** For people. */
  readonly name: string;
  readonly input: JobInput;
}

/**
 * Finds the images, each once however often it is named. Throws AppFailure as `gatherInput` does, and `usage` where none is
 * named and the sample is not for this model.
 */
export async function gatherImages(
  context: Context,
  request: ImageRequest,
  model: Pick<ModelSummary, 'id' | 'recipe'>,
  options: ScanOptions,
): Promise<Image[]> {
  const paths = request.on.length > 0 ? request.on : [samplePath(context, model)];
  const isOfOne = request.series !== undefined || Object.keys(request.channels).length > 0;
  if (paths.length > 1 && isOfOne) {
    const detail = '--series and --channel are about one image; give one --on with them.';
    throw new AppFailure({ code: 'usage', detail });
  }
  const images = new Map<string, Image>();
  for (const path of paths) {
    const { series, channels } = request;
    const input = await gatherInput(context, { path, series, channels }, model.recipe, options);
    const key = await imageKey(input);
    if (!images.has(key)) images.set(key, { key, name: nameOf(input), input });
  }
  return [...images.values()];
}

function samplePath({ resourcesDir }: Context, { id, recipe }: Pick<ModelSummary, 'id' | 'recipe'>): string {
  const [channel, ...others] = recipe.channels;
  if (channel.modality === 'CT' && others.length === 0) return join(resourcesDir, 'study');
  const detail = `The sample study is CT, and ${id} is not made for it; give an image with --on PATH.`;
  throw new AppFailure({ code: 'usage', detail });
}

/** Says what was read, never whose it is. */
function nameOf({ path, origin }: JobInput): string {
  return origin.kind === 'nifti' ? basename(path) : origin.series.description || origin.series.modality;
}
