import { makeFloatTensor } from '../onnx/build-graph.ts';
import type { OnnxModel } from '../onnx/onnx-file.ts';
import { tensorFloats } from '../onnx/tensor-data.ts';
import type { SeededRandom } from '../random/seeded-random.ts';
import type { NetworkPlan, WeightSpec } from './build-network.ts';

/** Of the activation that follows (nnU-Net's LeakyReLU). */
const negativeSlope = 0.01;

/** Where the values of a normalised image lie, in deviations from its mean. */
const spread = 3;

/**
 * A network that has learnt nothing: nnU-Net's InitWeights_He, that is torch's kaiming_normal_ for convolutions (fan-in, with
 * the gain of the LeakyReLU), biases 0, norms 1. The same generator gives the same network.
 *
 * Without norms the first convolution has biases by which its channels bend at values spread over those of an image
 * (`bendsOf`): from 0 they would have far to go to where lung and gas in CT differ.
 */
export function initialNetwork(plan: NetworkPlan, random: SeededRandom): OnnxModel {
  const initializers = plan.weights.map((spec) =>
    makeFloatTensor(spec.name, spec.shape, initialWeight(spec, random)),
  );
  const [first, bias] = plan.weights;
  const isNormed = plan.model.graph.nodes.some(({ opType }) => opType?.endsWith('Normalization'));
  if (!isNormed && first && bias?.name === first.name.replace(/weight$/u, 'bias')) {
    const weight = tensorFloats(initializers[0]!);
    initializers[1] = makeFloatTensor(bias.name, bias.shape, bendsOf(weight, bias.shape[0]!));
  }
  const { model } = plan;
  return { ...model, graph: { ...model.graph, initializers: [...initializers, ...plan.constants] } };
}

/** Biases by which each channel of a convolution is 0 on an even image of another value, evenly spread within ±`spread`. */
function bendsOf(weight: ArrayLike<number>, channels: number): Float32Array {
  const taps = weight.length / channels;
  return Float32Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let i = channel * taps; i < (channel + 1) * taps; i++) sum += weight[i]!;
    return -sum * spread * ((2 * channel + 1) / channels - 1);
  });
}

function initialWeight({ name, shape }: WeightSpec, random: SeededRandom): Float32Array {
  const length = shape.reduce((product, size) => product * size, 1);
  if (shape.length === 1) return new Float32Array(length).fill(name.endsWith('.weight') ? 1 : 0);
  // torch counts what one entry of axis 0 holds, which for transposed convolutions is the outputs.
  const fanIn = length / shape[0]!;
  const deviation = Math.sqrt(2 / (1 + negativeSlope ** 2) / fanIn);
  return Float32Array.from({ length }, () => deviation * random.normal());
}
