import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Device } from '../../main/contract/engine-protocol.ts';
import { planNetwork } from '../../main/core/nnunet/build-network.ts';
import { makeFloatTensor } from '../../main/core/onnx/build-graph.ts';
import { measureCost } from '../../main/core/onnx/measure-cost.ts';
import { writeOnnx, type OnnxModel } from '../../main/core/onnx/onnx-file.ts';
import { ranksByFactor } from '../../main/core/tucker/choose-ranks.ts';
import type { Decompose } from '../../main/core/tucker/compress-layer.ts';
import { compressModel } from '../../main/core/tucker/compress-model.ts';
import { foldGraph } from '../../main/core/tucker/fold/fold-graph.ts';
import { createSession } from '../../native/onnxruntime/create-session.ts';
import { totalSegmentator } from '../fixtures/paper-architectures.ts';
import { createRandom } from '../fixtures/random.ts';

const patch = [1, 1, 128, 128, 128];
const outputShape = [1, 25, 128, 128, 128];
const inputShapes = { image: patch };
const threads = 2;
const paperFactors = [0.9, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05];
/** With a run before the first and two for the peaks, some seven minutes on two quiet cores. */
const rounds = 2;
const cpu: Device = { name: 'CPU', provider: 'cpu', deviceId: 0 };
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
    return [model, foldGraph(model, inputShapes)].map((each, folded) => {
      const file = join(folder, `${i}-${folded}.onnx`);
      writeFileSync(file, writeOnnx(each));
      const { parameters, macs } = measureCost(each, inputShapes);
      return { name: folded ? `${name}, folded` : name, parameters, gmac: macs / 1e9, file };
    });
  });
}

const input = noise(size(patch), 1);
const output = new Float32Array(size(outputShape));

async function prepare(file: string) {
  const { run } = await createSession(readFileSync(file), cpu, threads);
  return () => run(input, patch, output, outputShape);
}

async function secondsOf(networks: readonly Network[], rounds: number): Promise<number[][]> {
  const runs = [];
  for (const { file } of networks) runs.push(await prepare(file));
  const seconds = networks.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, run] of runs.entries()) {
      if (round === 0) await run();
      const start = performance.now();
      await run();
      seconds[i]?.push((performance.now() - start) / 1000);
    }
  return seconds;
}

/** MiB; the whole of a process that loads one network and runs it twice. */
function peakOf({ file }: Network): number {
  const child = fileURLToPath(new URL('./peak-memory.ts', import.meta.url));
  return Number(execFileSync(process.execPath, [child, file, patch.join(), outputShape.join()]));
}

/**
 * Seconds and peak memory of TotalSegmentator's 1.5 mm architecture (random weights, 25 outputs, 128³) on two threads:
 * the full network and its Tucker forms, as they are and folded. All are timed in one process, in turn, after
 * a run that is not timed; the faster of two rounds counts.
 */
export async function benchTucker(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'thinslice-bench-'));
  try {
    const networks = await writeNetworks(folder, paperFactors);
    const peaks = networks.map(peakOf);
    const seconds = (await secondsOf(networks, rounds)).map((each) => Math.min(...each));
    console.table(
      networks.map(({ name, parameters, gmac }, i) => ({
        network: name,
        'parameters, M': (parameters / 1e6).toFixed(3),
        GMAC: gmac.toFixed(1),
        seconds: seconds[i].toFixed(2),
        'times faster': (seconds[0] / seconds[i]).toFixed(2),
        '… than full, folded': (seconds[1] / seconds[i]).toFixed(2),
        'peak MiB': peaks[i].toFixed(0),
        '% of full': ((100 * peaks[i]) / peaks[0]).toFixed(0),
      })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
