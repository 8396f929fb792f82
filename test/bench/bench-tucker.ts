import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planNetwork } from '../../main/core/nnunet/build-network.ts';
import { makeFloatTensor } from '../../main/core/onnx/build-graph.ts';
import { measureCost } from '../../main/core/onnx/measure-cost.ts';
import { writeOnnx, type OnnxModel } from '../../main/core/onnx/onnx-file.ts';
import { ranksByFactor } from '../../main/core/tucker/choose-ranks.ts';
import type { Decompose } from '../../main/core/tucker/compress-layer.ts';
import { compressModel } from '../../main/core/tucker/compress-model.ts';
import { foldGraph } from '../../main/core/tucker/fold/fold-graph.ts';
import { engineEnvironment } from '../../main/services/fork-engine.ts';
import { totalSegmentator } from '../fixtures/paper-architectures.ts';
import { createRandom } from '../fixtures/random.ts';

const patch = [1, 1, 128, 128, 128];
const outputShape = [1, 25, 128, 128, 128];
const inputShapes = { image: patch };
const paperFactors = [0.9, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05];
/** Of two runs each: some 16 minutes on two quiet cores for the whole ladder. */
const rounds = 4;
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const random = createRandom(1);
const noise = (length: number, scale: number) =>
  Float32Array.from({ length }, () => scale * (2 * random() - 1));

/** Factors of the right shapes: only fidelity depends on their values. */
const randomFactors: Decompose = async ({ shape }, ranks) =>
  ranks.map((each) => ({
    ranks: each,
    rowFactor: noise(shape.rows * each.rows, each.rows ** -0.5),
    columnFactor: noise(shape.columns * each.columns, shape.columns ** -0.5),
    core: noise(each.rows * each.columns * shape.taps, (each.columns * shape.taps) ** -0.5),
    error: 0,
  }));

interface Network {
  readonly name: string;
  readonly parameters: number;
  readonly gmac: number;
  readonly file: string;
}

async function writeNetworks(folder: string, factors: readonly number[]): Promise<Network[]> {
  const plan = planNetwork(totalSegmentator(6), 1, 25);
  const weights = plan.weights.map(({ name, shape }) =>
    makeFloatTensor(name, shape, noise(size(shape), size(shape.slice(1)) ** -0.5)),
  );
  const full: OnnxModel = { ...plan.model, graph: { ...plan.model.graph, initializers: weights } };
  const recipes = factors.map((factor) => ({ ranks: ranksByFactor(factor), paperForm: true }));
  const variants = await compressModel(full, recipes, { inputShapes, decompose: randomFactors });
  const models = [full, ...variants.map(({ model }) => model)];
  return models.flatMap((model, i) => {
    const name = i === 0 ? 'full' : `DF ${factors[i - 1]}`;
    const forms = {
      [name]: model,
      [`${name}, folded`]: foldGraph(model, inputShapes),
      [`${name}, folded for memory`]: foldGraph(model, inputShapes, { favour: 'memory' }),
    };
    return Object.entries(forms).map(([form, each], f) => {
      const file = join(folder, `${i}-${f}.onnx`);
      writeFileSync(file, writeOnnx(each));
      const { parameters, macs } = measureCost(each, inputShapes);
      return { name: form, parameters, gmac: macs / 1e9, file };
    });
  });
}

interface Measured {
  readonly seconds: number;
  readonly mebibytes: number;
}

/** In a process and an environment like the engine's: none pays for memory that another one gave back. */
function measure({ file }: Network): Measured {
  const child = fileURLToPath(new URL('./run-network.ts', import.meta.url));
  const args = [child, file, patch.join(), outputShape.join()];
  const printed = execFileSync(process.execPath, args, { env: engineEnvironment() });
  return JSON.parse(printed.toString()) as Measured;
}

/** All networks in turn, a few times over; of each the fastest run and the largest memory. */
function measureAll(networks: readonly Network[]): Measured[] {
  const measured = networks.map((): Measured => ({ seconds: Infinity, mebibytes: 0 }));
  for (let round = 0; round < rounds; round++)
    for (const [i, network] of networks.entries()) {
      const { seconds, mebibytes } = measure(network);
      measured[i] = {
        seconds: Math.min(seconds, measured[i].seconds),
        mebibytes: Math.max(mebibytes, measured[i].mebibytes),
      };
    }
  return measured;
}

/**
 * Seconds and peak memory of TotalSegmentator's 1.5 mm architecture (random weights, 25 outputs, 128³) on two threads:
 * the full network and its Tucker forms, as they are, folded for speed and folded for memory.
 */
export async function benchTucker(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'thinslice-bench-'));
  try {
    const factors = process.env['THINSLICE_BENCH_FACTORS']?.split(',').map(Number) ?? paperFactors;
    const networks = await writeNetworks(folder, factors);
    const measured = measureAll(networks);
    const [full, folded] = measured;
    console.table(
      networks.map(({ name, parameters, gmac }, i) => ({
        network: name,
        'parameters, M': (parameters / 1e6).toFixed(3),
        GMAC: gmac.toFixed(1),
        seconds: measured[i].seconds.toFixed(2),
        'times faster': (full.seconds / measured[i].seconds).toFixed(2),
        '… than full, folded': (folded.seconds / measured[i].seconds).toFixed(2),
        'peak MiB': measured[i].mebibytes.toFixed(0),
        '% of full': ((100 * measured[i].mebibytes) / full.mebibytes).toFixed(0),
      })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
