import { measureCost } from '../../main/core/onnx/measure-cost.ts';
import { readOnnx, writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import type { Variant } from '../../main/core/tucker/compress-model.ts';
import { createPool, type Pool } from '../../main/engine/pool.ts';
import {
  awareVariants,
  inputShapesOf,
  labelsOf,
  overlap,
  plainVariants,
  threads,
  wantedCases,
  wantedFactors,
  type VariantCase,
} from './variant-cases.ts';

/**
 * Plain and activation-aware Tucker side by side: Dice of each label against the full network, on an image that was not
 * calibrated on. `THINSLICE_BENCH_CASES` (names, by comma) and `THINSLICE_BENCH_FACTORS` choose some of it.
 */
export async function benchAware(): Promise<void> {
  const pool = createPool({ threads });
  try {
    for (const prepare of wantedCases()) await compare(await prepare(), wantedFactors(), pool);
  } finally {
    await pool.destroy();
  }
}

async function compare(each: VariantCase, factors: readonly number[], pool: Pool): Promise<void> {
  const { name, model, network, images } = each;
  console.log(`\n${name}: Dice against the full network, on an image that was not calibrated on`);
  const inputShapes = inputShapesOf(each);
  const plain = await plainVariants(each, factors, pool);
  const start = performance.now();
  const aware = await awareVariants(each, factors, [images.second], pool);
  const seconds = (performance.now() - start) / 1000;

  const segment = (bytes: Uint8Array) => labelsOf(model, bytes, images.first, pool);
  const expected = await segment(network);
  const { macs } = measureCost(readOnnx(network), inputShapes);
  const rows = [];
  for (const [i, factor] of factors.entries()) {
    const dice = async (variant: Variant) =>
      overlap(await segment(writeOnnx(variant.model)), expected, model);
    const [before, after] = [await dice(plain[i]), await dice(aware[i])];
    rows.push({
      DF: factor,
      'times fewer MACs': (macs / measureCost(aware[i].model, inputShapes).macs).toFixed(1),
      'plain, mean': before.mean.toFixed(3),
      'aware, mean': after.mean.toFixed(3),
      'plain, worst label': before.worst,
      'aware, worst label': after.worst,
    });
  }
  console.table(rows);
  console.log(`calibrated ${factors.length} variants in ${seconds.toFixed(0)} s`);
}
