import { writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import type { Variant } from '../../main/core/tucker/compress-model.ts';
import { tuneNetworks } from '../../main/engine/learn/tune-networks.ts';
import { createPool, type Pool } from '../../main/engine/pool.ts';
import { defaultTuneRecipe } from '../../main/services/tune.ts';
import {
  awareVariants,
  labelsOf,
  overlap,
  plainVariants,
  threads,
  wantedCases,
  wantedFactors,
  type VariantCase,
} from './variant-cases.ts';

/**
 * What learning wins back: Dice of plain, activation-aware and tuned variants with the full network, on the second image; calibrated
 * on the others and learnt from them, without labels. `THINSLICE_BENCH_MINUTES` (20) is for each factor;
 * `THINSLICE_BENCH_CASES` and `THINSLICE_BENCH_FACTORS` choose some of it.
 */
export async function benchTune(): Promise<void> {
  const minutes = Number(process.env['THINSLICE_BENCH_MINUTES'] ?? defaultTuneRecipe.minutes);
  const pool = createPool({ threads });
  try {
    for (const prepare of wantedCases()) await compare(await prepare(), minutes, pool);
  } finally {
    await pool.destroy();
  }
}

async function compare(each: VariantCase, minutes: number, pool: Pool): Promise<void> {
  const { name, model, network, images } = each;
  const factors = wantedFactors();
  const { second: test, ...others } = images;
  console.log(`\n${name}: mean Dice with the full network, on an image that was not learnt from`);
  const plain = await plainVariants(each, factors, pool);
  const aware = await awareVariants(each, factors, Object.values(others), pool);
  const expected = await labelsOf(model, network, test, pool);
  const dice = async (bytes: Uint8Array) =>
    overlap(await labelsOf(model, bytes, test, pool), expected, model).mean.toFixed(3);
  const rows = [];
  for (const [i, factor] of factors.entries()) {
    const tuned = await tune(each, aware[i], Object.values(others), minutes, pool);
    rows.push({
      DF: factor,
      plain: await dice(writeOnnx(plain[i].model)),
      aware: await dice(writeOnnx(aware[i].model)),
      tuned: await dice(tuned.network),
      steps: tuned.steps,
      seconds: tuned.seconds.toFixed(0),
      loss: tuned.losses,
    });
    console.table(rows.slice(-1));
  }
  console.table(rows);
}

/** Judged on patches of the last image, which it learns from too: nothing of the one that it is measured on is seen. */
async function tune(
  { model, network }: VariantCase,
  variant: Variant,
  sources: readonly VariantCase['images'][string][],
  minutes: number,
  pool: Pool,
) {
  const images = sources.map((source) => ({ channels: [source], labels: null }));
  const request = {
    jobId: 'bench',
    model,
    networks: [writeOnnx(variant.model)],
    teachers: [network],
    images,
    heldOut: images.slice(-1),
    recipe: { ...defaultTuneRecipe, minutes },
    threads,
    checkpoint: null,
  };
  const { networks, folds } = await tuneNetworks(request, { pool });
  const { losses, steps, seconds } = folds[0];
  const mean = (some: readonly number[]): string =>
    (some.reduce((sum, loss) => sum + loss, 0) / Math.max(1, some.length)).toFixed(3);
  return {
    network: networks[0],
    steps,
    seconds,
    losses: `${mean(losses.slice(0, 10))} → ${mean(losses.slice(-10))}`,
  };
}
