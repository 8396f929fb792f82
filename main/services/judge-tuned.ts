import type { NetworkSource } from '../contract/engine-protocol.ts';
import type { LabelFidelity } from '../core/segment/6-measure/compare-labelmaps.ts';
import { reportFidelity } from '../core/segment/6-measure/rank-labels.ts';
import type { VariantRow } from '../db/queries/models.ts';
import type { Context } from './context.ts';
import { asEngineDevice, devicesNamed, findHardware } from './devices.ts';
import {
  compareLabelmaps,
  defaultToleranceMm,
  segmentImage,
  type Comparison,
  type EvaluationOptions,
} from './evaluate.ts';
import type { Image } from './gather-images.ts';
import { findVariant, fullVariant, networkSources, type ModelSummary } from './models.ts';

/** How a variant's labels on an image agree with the full network's. */
export interface Agreement {
  readonly labels: readonly LabelFidelity[];
  /** Mean Dice over the labels that either has; 0 where there are none. */
  readonly dice: number;
}

export interface JudgedImage {
  readonly image: Image;
  readonly before: Agreement;
  readonly after: Agreement;
}

/** Segments each image by the full network, by a variant as it is and by its tuned networks, and compares. Throws AppFailure. */
export async function judgeTuned(
  context: Context,
  model: ModelSummary,
  variant: VariantRow,
  tuned: readonly Uint8Array[],
  images: readonly Image[],
  { threads, ...options }: Pick<EvaluationOptions, 'signal' | 'onProgress'> & { readonly threads: number },
): Promise<JudgedImage[]> {
  const [cpu] = devicesNamed('cpu', await findHardware(context, options.signal));
  const engine = context.startEngine();
  const device = asEngineDevice(cpu!);
  const toleranceMm = defaultToleranceMm(model);
  const run: Comparison = { context, engine, model, device, threads, toleranceMm, options };
  const full = networkSources(context.db, findVariant(model, fullVariant));
  try {
    const judged: JudgedImage[] = [];
    for (const image of images) {
      const { labelsGz } = await segmentImage(run, image, full);
      const agreementOf = async (networks: readonly NetworkSource[]): Promise<Agreement> => {
        const labels = await compareLabelmaps(run, await segmentImage(run, image, networks), labelsGz);
        return { labels, dice: reportFidelity([labels]).dice ?? 0 };
      };
      const before = await agreementOf(networkSources(context.db, variant));
      judged.push({ image, before, after: await agreementOf(tuned) });
    }
    return judged;
  } finally {
    await engine.close();
  }
}
