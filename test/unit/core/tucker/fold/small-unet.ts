import {
  makeFloatTensor,
  makeModel,
  makeNode,
  makeValueInfo,
} from '../../../../../main/core/onnx/build-graph.ts';
import { readOnnx, writeOnnx, type OnnxModel } from '../../../../../main/core/onnx/onnx-file.ts';
import type { NodeProto, TensorProto } from '../../../../../main/core/onnx/proto.ts';
import type { RankRule } from '../../../../../main/core/tucker/choose-ranks.ts';
import { compressModel } from '../../../../../main/core/tucker/compress-model.ts';
import type { InputShapes } from '../../../../../main/core/tucker/fold/graph-view.ts';
import { createRandom } from '../../../../fixtures/random.ts';
import { difference, runOnnx } from '../../../../fixtures/run-onnx.ts';

export interface SmallUnet {
  readonly channels: number;
  readonly classes: number;
  /** Of each stage, shallowest first. */
  readonly features: readonly number[];
  /** Of each stage, one number an axis (two axes or three). */
  readonly kernels: readonly (readonly number[])[];
  /** Into each stage; the first does not stride. */
  readonly strides: readonly (readonly number[])[];
  readonly seed: number;
}

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

/** A U-Net as nnU-Net's PlainConvUNet on two or three axes, one convolution an encoder stage and two a decoder stage. */
export function smallUnet(net: SmallUnet): OnnxModel {
  const { channels, classes, features, kernels, strides, seed } = net;
  const random = createRandom(seed + 1);
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const weight = (name: string, dims: readonly number[], scale: number, mean = 0) => {
    const data = Float32Array.from({ length: product(dims) }, () => mean + scale * (2 * random() - 1));
    initializers.push(makeFloatTensor(name, dims, data));
    return name;
  };
  const node = (opType: string, inputs: readonly string[], name: string, attributes = {}) => {
    nodes.push(makeNode(opType, inputs, [name], attributes));
    return name;
  };
  const block = (
    name: string,
    x: string,
    [inputs, outputs]: readonly number[],
    kernel: readonly number[],
    stride: readonly number[],
  ) => {
    const pads = kernel.map((size) => (size - 1) / 2);
    const w = weight(`${name}.w`, [outputs, inputs, ...kernel], (inputs * product(kernel)) ** -0.5);
    const attributes = { kernel_shape: kernel, strides: stride, pads: [...pads, ...pads] };
    const y = node('Conv', [x, w, weight(`${name}.b`, [outputs], 0.3)], `${name}.conv`, attributes);
    const parameters = [weight(`${name}.scale`, [outputs], 0.5, 1), weight(`${name}.shift`, [outputs], 0.3)];
    const z = node('InstanceNormalization', [y, ...parameters], `${name}.norm`, { epsilon: { float: 1e-5 } });
    return node('LeakyRelu', [z], name, { alpha: { float: 0.01 } });
  };
  let x = 'image';
  let inputs = channels;
  const skips = features.map((outputs, stage) => {
    x = block(`encoder${stage}`, x, [inputs, outputs], kernels[stage], strides[stage]);
    inputs = outputs;
    return x;
  });
  for (let stage = features.length - 2; stage >= 0; stage--) {
    const stride = strides[stage + 1];
    const outputs = features[stage];
    const w = weight(`up${stage}.w`, [inputs, outputs, ...stride], inputs ** -0.5);
    const b = weight(`up${stage}.b`, [outputs], 0.3);
    const up = node('ConvTranspose', [x, w, b], `up${stage}`, { kernel_shape: stride, strides: stride });
    const joined = node('Concat', [up, skips[stage]], `concat${stage}`, { axis: 1 });
    const unit = stride.map(() => 1);
    x = block(`decoder${stage}.0`, joined, [2 * outputs, outputs], kernels[stage], unit);
    x = block(`decoder${stage}.1`, x, [outputs, outputs], kernels[stage], unit);
    inputs = outputs;
  }
  const unit = kernels[0].map(() => 1);
  const w = weight('head.w', [classes, inputs, ...unit], inputs ** -0.5);
  node('Conv', [x, w, weight('head.b', [classes], 0.3)], 'logits', { kernel_shape: unit });
  const space = ['D', 'H', 'W'].slice(0, unit.length);
  return makeModel({
    name: 'small',
    nodes,
    initializers,
    inputs: [makeValueInfo('image', [1, channels, ...space])],
    outputs: [makeValueInfo('logits', [1, classes, ...space])],
  });
}

/** The network as the paper's method leaves it, at some ranks. */
export async function tuckerForm(
  model: OnnxModel,
  inputShapes: InputShapes,
  ranks: RankRule,
): Promise<OnnxModel> {
  const [variant] = await compressModel(model, [{ ranks, paperForm: true }], { inputShapes });
  // As it comes from a file.
  return readOnnx(writeOnnx(variant.model));
}

/** Ranks of a share of the channels, rounded up. */
export const share =
  (factor: number): RankRule =>
  ({ channels }) => ({ in: Math.ceil(channels.in * factor), out: Math.ceil(channels.out * factor) });

export function noise(shape: readonly number[], seed: number, { mean = 0 } = {}): Float32Array {
  const random = createRandom(seed + 1);
  return Float32Array.from({ length: product(shape) }, () => mean + 2 * random() - 1);
}

/** Largest difference of the outputs of two networks, relative to the largest output of the first. */
export async function gap(
  a: OnnxModel,
  b: OnnxModel,
  shape: readonly number[],
  input: Float32Array = noise(shape, 9),
): Promise<number> {
  const left = await runOnnx(writeOnnx(a), input, shape);
  const right = await runOnnx(writeOnnx(b), input, shape);
  const largest = left.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return difference(left, right).maxAbs / largest;
}

export function operators(model: OnnxModel): string[] {
  return model.graph.nodes.map(({ opType }) => opType ?? '');
}
