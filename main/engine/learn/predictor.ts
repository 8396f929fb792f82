import { createGraphSession } from '../../../native/onnxruntime/create-graph-session.ts';
import type { Parameters } from '../../core/learn/optimize/optimizer.ts';
import { withFreeWeights, type Weight } from '../../core/learn/train/learnable-weights.ts';
import { networkEnds } from '../../core/onnx/image-input.ts';
import { writeOnnx, type OnnxModel } from '../../core/onnx/onnx-file.ts';
import { readMessages } from '../read-messages.ts';
import { asFloats } from './learner.ts';

/** What a network gives with any weights. */
export interface Predictor {
  /** Logits [classes, ...patch] of a patch. Throws AppFailure `cancelled`. */
  readonly predict: (patch: Float32Array, weights: Parameters) => Promise<Float32Array>;
  readonly release: () => Promise<void>;
}

export interface PredictorOptions {
  /** Those of the network that are given with every run. */
  readonly weights: ReadonlyMap<string, Weight>;
  /** [1, channels, d0, d1, d2] of a patch. */
  readonly shape: readonly number[];
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

export async function createPredictor(
  network: OnnxModel,
  { weights, shape, threads, signal }: PredictorOptions,
): Promise<Predictor> {
  const { input, output } = networkEnds(network);
  const session = await createGraphSession(writeOnnx(withFreeWeights(network, weights)), threads);
  return {
    predict: async (patch, values) => {
      await readMessages(signal);
      const fed = [...weights].map(([name, { dims }]) => [name, asFloats(values.get(name)!, dims)] as const);
      const found = await session.run(new Map([...fed, [input, asFloats(patch, shape)]]));
      return found.get(output)!.data as Float32Array;
    },
    release: () => session.release(),
  };
}
