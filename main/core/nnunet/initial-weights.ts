import { makeFloatTensor } from '../onnx/build-graph.ts';
import type { OnnxModel } from '../onnx/onnx-file.ts';
import type { SeededRandom } from '../random/seeded-random.ts';
import type { NetworkPlan, WeightSpec } from './build-network.ts';

/** Of the activation that follows (nnU-Net's LeakyReLU). */
const negativeSlope = 0.01;

/**
 * A network that has learnt nothing: nnU-Net's InitWeights_He, that is torch's kaiming_normal_ for convolutions (fan-in, with
 * the gain of the LeakyReLU), biases 0, norms 1. The same generator gives the same network.
 */
export function initialNetwork(plan: NetworkPlan, random: SeededRandom): OnnxModel {
  const initializers = plan.weights.map((spec) =>
    makeFloatTensor(spec.name, spec.shape, initialWeight(spec, random)),
  );
  const { model } = plan;
  return { ...model, graph: { ...model.graph, initializers: [...initializers, ...plan.constants] } };
}

function initialWeight({ name, shape }: WeightSpec, random: SeededRandom): Float32Array {
  const length = shape.reduce((product, size) => product * size, 1);
  if (shape.length === 1) return new Float32Array(length).fill(name.endsWith('.weight') ? 1 : 0);
  // torch counts what one entry of axis 0 holds, which for transposed convolutions is the outputs.
  const fanIn = length / shape[0]!;
  const deviation = Math.sqrt(2 / (1 + negativeSlope ** 2) / fanIn);
  return Float32Array.from({ length }, () => deviation * random.normal());
}
