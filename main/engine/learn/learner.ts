import { imageInput } from '../../core/onnx/image-input.ts';
import { createGraphSession } from '../../../native/onnxruntime/create-graph-session.ts';
import { AppFailure } from '../../contract/app-error.ts';
import type { TuneRecipe } from '../../contract/tune-request.ts';
import { differentiate } from '../../core/learn/gradient/differentiate.ts';
import { appendLoss, lossName } from '../../core/learn/loss/append-loss.ts';
import { distill } from '../../core/learn/loss/losses.ts';
import type { Parameters } from '../../core/learn/optimize/optimizer.ts';
import { withFreeWeights, type Weight } from '../../core/learn/train/learnable-weights.ts';
import type { Step } from '../../core/learn/train/train.ts';
import { measureCost } from '../../core/onnx/measure-cost.ts';
import { writeOnnx, type OnnxModel } from '../../core/onnx/onnx-file.ts';

export interface LearnerOptions {
  readonly weights: ReadonlyMap<string, Weight>;
  /** [1, channels, d0, d1, d2] */
  readonly inputShape: readonly number[];
  /** [1, classes, d0, d1, d2] */
  readonly outputShape: readonly number[];
  readonly recipe: Pick<TuneRecipe, 'temperature' | 'foregroundWeight'>;
  readonly threads: number;
}

/** A network that learns from another one: its gradients, and what it gives with any weights. */
export interface Learner {
  readonly step: (patch: Float32Array, taught: Float32Array) => Promise<Step>;
  readonly predict: (patch: Float32Array, weights: Parameters) => Promise<Float32Array>;
  readonly release: () => Promise<void>;
}

/** Part of the free memory that a step may take. */
const memoryShare = 0.7;

/**
 * Loads what a network learns with. Throws LearnError for a network that cannot learn, AppFailure `out-of-memory` before the
 * first step where a step would not fit.
 */
export async function createLearner(network: OnnxModel, options: LearnerOptions): Promise<Learner> {
  const { weights, inputShape, outputShape, recipe, threads } = options;
  const names = networkEnds(network);
  const shapes = { [names.input]: inputShape, taught: outputShape };
  const taught = appendLoss(network, { taught: outputShape }, (b) =>
    distill(b, { logits: names.output, teacher: 'taught', shape: outputShape, ...recipe }),
  );
  const by = [...weights.keys()];
  const learnt = differentiate(taught, { loss: lossName, by, inputShapes: shapes });
  checkMemory(learnt.model, {
    ...shapes,
    ...Object.fromEntries([...weights].map(([n, { dims }]) => [n, dims])),
  });
  const gradients = await createGraphSession(writeOnnx(learnt.model), threads);
  const forward = await createGraphSession(writeOnnx(withFreeWeights(network, weights)), threads);
  const float = (data: Float32Array, dims: readonly number[]) => ({ type: 'float32', data, dims });
  const fed = (values: Parameters) =>
    by.map((name) => [name, float(values.get(name)!, weights.get(name)!.dims)] as const);
  const current: Parameters = new Map([...weights].map(([name, { data }]) => [name, data]));
  return {
    step: async (patch, teacher) => {
      const found = await gradients.run(
        new Map([
          ...fed(current),
          [names.input, float(patch, inputShape)],
          ['taught', float(teacher, outputShape)],
        ]),
      );
      const of = (name: string): Float32Array => found.get(name)!.data as Float32Array;
      return {
        loss: of(lossName)[0]!,
        gradients: new Map(by.map((name) => [name, of(learnt.gradients.get(name)!)])),
      };
    },
    predict: async (patch, values) => {
      const found = await forward.run(new Map([...fed(values), [names.input, float(patch, inputShape)]]));
      return found.get(names.output)!.data as Float32Array;
    },
    release: async () => {
      await gradients.release();
      await forward.release();
    },
  };
}

function networkEnds(network: OnnxModel): { readonly input: string; readonly output: string } {
  const input = imageInput(network)?.name;
  const output = network.graph.outputs[0]?.name;
  if (!input || !output) throw new Error('a network without input or output');
  return { input, output };
}

function checkMemory(model: OnnxModel, shapes: Readonly<Record<string, readonly number[]>>): void {
  const { peakBytes } = measureCost(model, shapes);
  const available = process.availableMemory() * memoryShare;
  if (peakBytes <= available) return;
  const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  const detail = `a step of learning takes ${mib(peakBytes)}, and ${mib(available)} can be had`;
  throw new AppFailure({ code: 'out-of-memory', device: 'cpu', detail });
}
