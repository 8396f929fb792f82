import {
  makeFloatTensor,
  makeModel,
  makeNode,
  makeValueInfo,
  type AttributeValue,
} from '../../../../main/core/onnx/build-graph.ts';
import { writeOnnx, type OnnxModel } from '../../../../main/core/onnx/onnx-file.ts';
import type { NodeProto, TensorProto } from '../../../../main/core/onnx/proto.ts';
import type { RankRule } from '../../../../main/core/tucker/choose-ranks.ts';
import { compressModel } from '../../../../main/core/tucker/compress-model.ts';
import { createRandom } from '../../../fixtures/random.ts';
import { difference, runOnnx } from '../../../fixtures/run-onnx.ts';

export const fullRank: RankRule = ({ channels }) => channels;

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

function noise(length: number, seed: number): Float32Array {
  const random = createRandom(seed + 1);
  return Float32Array.from({ length }, () => random() - 0.5);
}

export function randomTensor(name: string, dims: readonly number[], seed: number): TensorProto {
  return makeFloatTensor(name, dims, noise(product(dims), seed));
}

/** From `x` [1, channels, …] to `y`, on a grid of `axes` free sizes. */
export function network(
  nodes: readonly NodeProto[],
  initializers: readonly TensorProto[],
  channels: number,
  axes = 3,
): OnnxModel {
  const space = ['D', 'H', 'W'].slice(0, axes);
  return makeModel({
    name: 'test',
    nodes,
    initializers,
    inputs: [makeValueInfo('x', [1, channels, ...space])],
    outputs: [makeValueInfo('y', ['n', 'c', ...space.map((name) => `${name}y`)])],
  });
}

/** One layer from `x` to `y`. */
export function oneLayer(
  opType: 'Conv' | 'ConvTranspose',
  dims: readonly number[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  bias = true,
): OnnxModel {
  const transposed = opType === 'ConvTranspose';
  const inputs = ['x', 'w', ...(bias ? ['b'] : [])];
  const [channels, outputs] = transposed ? [dims[0], dims[1]] : [dims[1], dims[0]];
  const tensors = [randomTensor('w', dims, 3), ...(bias ? [randomTensor('b', [outputs], 4)] : [])];
  return network([makeNode(opType, inputs, ['y'], attributes)], tensors, channels, dims.length - 2);
}

/** Largest difference of the outputs on noise, relative to the largest output. */
export async function gap(a: OnnxModel, b: OnnxModel, shape: readonly number[]): Promise<number> {
  const input = noise(product(shape), 9);
  const left = await runOnnx(writeOnnx(a), input, shape);
  const right = await runOnnx(writeOnnx(b), input, shape);
  const largest = left.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return difference(left, right).maxAbs / largest;
}

/** The one variant of a network whose input is called `x`. */
export async function compressOne(
  model: OnnxModel,
  size: readonly number[],
  ranks: RankRule = fullRank,
  paperForm = true,
) {
  const dims = model.graph.inputs[0].type?.tensorType?.shape?.dims ?? [];
  const shape = [1, dims[1].value ?? 1, ...size];
  const [variant] = await compressModel(model, [{ ranks, paperForm }], { inputShapes: { x: shape } });
  return { ...variant, shape };
}
