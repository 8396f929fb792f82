import type { NetworkSource, SegmentOutcome } from '../contract/engine-protocol.ts';
import type { LabelFidelity } from '../core/segment/6-measure/compare-labelmaps.ts';
import { reportFidelity } from '../core/segment/6-measure/rank-labels.ts';
import type { VariantRow } from '../db/queries/models.ts';
import type { Context } from './context.ts';
import { asEngineDevice, devicesNamed, findHardware } from './devices.ts';
import {
  compareLabelmaps,
  defaultToleranceMm,
  readReference,
  segmentImage,
  type Comparison,
  type EvaluationOptions,
} from './evaluate.ts';
import type { Image } from './gather-images.ts';
import { findVariant, fullVariant, networkSources, type ModelSummary } from './models.ts';

/** How a variant's labels on an image agree with the full network's, or with those that somebody drew. */
export interface Agreement {
  readonly labels: readonly LabelFidelity[];
  /** Mean Dice over the labels that either has; 0 where there are none. */
  readonly dice: number;
}

export interface JudgedImage {
  readonly image: Image;
  /** Of the labels that it was judged by; null: by the full network's. */
  readonly referencePath: string | null;
  readonly before: Agreement;
  readonly after: Agreement;
}

interface JudgeOptions extends Pick<EvaluationOptions, 'signal' | 'onProgress' | 'onStep'> {
  readonly threads: number;
  /** By the image's key; without any the full network's labels are what is right. */
  readonly labels: ReadonlyMap<string, string> | null;
}

/**
 * Segments each image by a variant as it is and by its tuned networks, and compares with what somebody drew, or with what the full
 * network gives. Throws AppFailure.
 */
export async function judgeTuned(
  context: Context,
  model: ModelSummary,
  variant: VariantRow,
  tuned: readonly Uint8Array[],
  images: readonly Image[],
  { threads, labels: drawn, ...options }: JudgeOptions,
): Promise<JudgedImage[]> {
  const [cpu] = devicesNamed('cpu', await findHardware(context, options.signal));
  const device = asEngineDevice(cpu!);
  const toleranceMm = defaultToleranceMm(model);
  const full = networkSources(context.db, findVariant(model, fullVariant));
  const engine = context.startEngine();
  const run: Comparison = { context, engine, model, device, threads, toleranceMm, options };
  try {
    const judged: JudgedImage[] = [];
    let number = 0;
    const total = (drawn ? 2 : 3) * images.length;
    for (const image of images) {
      const segment = (networks: readonly NetworkSource[], by: string): Promise<SegmentOutcome> => {
        options.onStep?.({ variant: by, image: image.name, number: ++number, total });
        return segmentImage(run, image, networks);
      };
      const referencePath = drawn?.get(image.key) ?? null;
      const labelsGz =
        referencePath === null
          ? (await segment(full, fullVariant)).labelsGz
          : await readReference(run, image, referencePath);
      const agreementOf = async (networks: readonly NetworkSource[], by: string): Promise<Agreement> => {
        const labels = await compareLabelmaps(run, await segment(networks, by), labelsGz);
        return { labels, dice: reportFidelity([labels]).dice ?? 0 };
      };
      const before = await agreementOf(networkSources(context.db, variant), variant.name);
      judged.push({ image, referencePath, before, after: await agreementOf(tuned, `${variant.name}-tuned`) });
    }
    return judged;
  } finally {
    await engine.close();
  }
}
