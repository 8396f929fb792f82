import {
  makeModel,
  makeNode,
  makeValueInfo,
  type AttributeValue,
  type FloatValue,
} from '../onnx/build-graph.ts';
import type { OnnxModel } from '../onnx/onnx-file.ts';
import { dataType, type NodeProto, type TensorProto } from '../onnx/proto.ts';
import type { Vec3 } from '../volume/volume.ts';
import type { Activation, Architecture, Norm } from './architecture.ts';

/** A network without its weights: each initializer has a shape and no data yet. */
export interface NetworkPlan {
  /** Input `image` [1, channels, D, H, W], output `logits` [1, heads, D, H, W]; D, H and W are free. */
  readonly model: OnnxModel;
  /** Initializers that a checkpoint supplies; the name is also that of the state dict. */
  readonly weights: readonly WeightSpec[];
  /** Initializers that no checkpoint has: the unit scale of a norm without parameters. */
  readonly constants: readonly TensorProto[];
}

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface PlanOptions {
  /**
   * Decoder stages that have a head, finest first. More than one is for learning (deep supervision): the output of stage s
   * is then `logitsOf(s)`.
   */
  readonly scales?: number;
  readonly batch?: number;
}

/**
 * The U-Net of `architecture` as an ONNX graph, without heads for deep supervision unless they are asked for
 * (dynamic_network_architectures: unet.py, plain_conv_encoder.py, residual_encoders.py, residual.py, unet_decoder.py).
 */
export function planNetwork(
  architecture: Architecture,
  channels: number,
  heads: number,
  { scales = 1, batch = 1 }: PlanOptions = {},
): NetworkPlan {
  const graph = new GraphBuilder(architecture);
  const skips =
    architecture.kind === 'plain' ? graph.plainEncoder(channels) : graph.residualEncoder(channels);
  graph.decoder(skips, heads, scales);
  const spaceOf = (scale: number): string[] => ['D', 'H', 'W'].map((axis) => `${axis}${scale || ''}`);
  const outputs = Array.from({ length: Math.min(scales, skips.length - 1) }, (_, scale) =>
    makeValueInfo(logitsOf(scale), [batch, heads, ...spaceOf(scale)]),
  );
  return {
    model: makeModel({
      name: architecture.kind === 'plain' ? 'PlainConvUNet' : 'ResidualEncoderUNet',
      nodes: graph.nodes,
      initializers: [
        ...graph.weights.map(({ name, shape }) => ({
          name,
          dims: shape,
          dataType: dataType.float,
          externalData: [],
        })),
        ...graph.constants,
      ],
      inputs: [makeValueInfo(inputName, [batch, channels, ...spaceOf(0)])],
      outputs,
    }),
    weights: graph.weights,
    constants: graph.constants,
  };
}

export const inputName = 'image';

/** The logits that stage `scale` of the decoder gives, 0 the finest. */
export function logitsOf(scale: number): string {
  return scale === 0 ? 'logits' : `logits.${scale}`;
}

const unit: Vec3 = [1, 1, 1];

class GraphBuilder {
  readonly nodes: NodeProto[] = [];
  readonly weights: WeightSpec[] = [];
  readonly constants: TensorProto[] = [];
  readonly #architecture: Architecture;

  constructor(architecture: Architecture) {
    this.#architecture = architecture;
  }

  /** Output of every stage, shallowest first. */
  plainEncoder(channels: number): string[] {
    const { features, kernels, strides, encoderDepths } = this.#architecture;
    let x = inputName;
    let inputs = channels;
    return features.map((outputs, stage) => {
      const path = `encoder.stages.${stage}.0`;
      x = this.#convs(path, x, inputs, outputs, encoderDepths[stage], kernels[stage], strides[stage]);
      inputs = outputs;
      return x;
    });
  }

  residualEncoder(channels: number): string[] {
    const { features, kernels, strides, encoderDepths, stemFeatures } = this.#architecture;
    let x = this.#convs('encoder.stem', inputName, channels, stemFeatures, 1, kernels[0], unit);
    let inputs = stemFeatures;
    return features.map((outputs, stage) => {
      for (let block = 0; block < encoderDepths[stage]; block++) {
        const path = `encoder.stages.${stage}.blocks.${block}`;
        const stride = block === 0 ? strides[stage] : unit;
        x = this.#residualBlock(path, x, inputs, outputs, kernels[stage], stride);
        inputs = outputs;
      }
      return x;
    });
  }

  /** Heads on the `scales` finest stages. */
  decoder(skips: readonly string[], heads: number, scales: number): void {
    const { features, kernels, strides, decoderDepths } = this.#architecture;
    const last = features.length - 1;
    let x = skips[last];
    for (let i = 0; i < last; i++) {
      const stage = last - 1 - i;
      const outputs = features[stage];
      const stride = strides[stage + 1];
      const up = `decoder.transpconvs.${i}`;
      x = this.#conv(
        up,
        'ConvTranspose',
        x,
        [features[stage + 1], outputs],
        stride,
        this.#architecture.convBias,
        {
          kernel_shape: stride,
          strides: stride,
        },
      );
      // torch.cat((x, skip), 1): the transposed convolution comes first.
      x = this.#node('Concat', [x, skips[stage]], `decoder.concat.${i}`, { axis: 1 });
      const path = `decoder.stages.${i}`;
      x = this.#convs(path, x, 2 * outputs, outputs, decoderDepths[i], kernels[stage], unit);
      if (stage < scales) this.#head(`decoder.seg_layers.${i}`, x, [heads, outputs], logitsOf(stage));
    }
  }

  #head(path: string, input: string, shape: readonly [number, number], output: string): void {
    this.#conv(path, 'Conv', input, shape, unit, true, convAttributes(unit, unit), output);
  }

  /** StackedConvBlocks: the stride is that of the first convolution. */
  #convs(
    path: string,
    input: string,
    inputs: number,
    outputs: number,
    depth: number,
    kernel: Vec3,
    stride: Vec3 = unit,
  ): string {
    let x = input;
    for (let c = 0; c < depth; c++)
      x = this.#convBlock(
        `${path}.convs.${c}`,
        x,
        c === 0 ? inputs : outputs,
        outputs,
        kernel,
        c === 0 ? stride : unit,
      );
    return x;
  }

  /** ConvDropoutNormReLU; dropout does nothing at inference. */
  #convBlock(
    path: string,
    input: string,
    inputs: number,
    outputs: number,
    kernel: Vec3,
    stride: Vec3,
    { bias = this.#architecture.convBias, activate = true } = {},
  ): string {
    const { activation, activationFirst, norm } = this.#architecture;
    let x = this.#conv(
      `${path}.conv`,
      'Conv',
      input,
      [outputs, inputs],
      kernel,
      bias,
      convAttributes(kernel, stride),
    );
    const active = activate ? activation : null;
    if (activationFirst && norm && active) {
      x = this.#activation(x, active, `${path}.nonlin`);
      return this.#norm(x, norm, `${path}.norm`, outputs);
    }
    if (norm) x = this.#norm(x, norm, `${path}.norm`, outputs);
    return active ? this.#activation(x, active, `${path}.nonlin`) : x;
  }

  /** BasicBlockD: the skip is average pooling where the block has a stride, then 1×1×1 where channels change. */
  #residualBlock(
    path: string,
    input: string,
    inputs: number,
    outputs: number,
    kernel: Vec3,
    stride: Vec3,
  ): string {
    let residual = input;
    const projection = stride.some((n) => n !== 1) ? 1 : 0;
    if (projection === 1)
      residual = this.#node('AveragePool', [residual], `${path}.skip.0`, {
        kernel_shape: stride,
        strides: stride,
      });
    if (inputs !== outputs)
      residual = this.#convBlock(`${path}.skip.${projection}`, residual, inputs, outputs, unit, unit, {
        bias: false,
        activate: false,
      });
    let x = this.#convBlock(`${path}.conv1`, input, inputs, outputs, kernel, stride);
    x = this.#convBlock(`${path}.conv2`, x, outputs, outputs, kernel, unit, { activate: false });
    x = this.#node('Add', [x, residual], `${path}.add`);
    const { activation } = this.#architecture;
    return activation ? this.#activation(x, activation, `${path}.nonlin2`) : x;
  }

  #conv(
    path: string,
    opType: 'Conv' | 'ConvTranspose',
    input: string,
    [rows, columns]: readonly [number, number],
    kernel: Vec3,
    bias: boolean,
    attributes: Readonly<Record<string, AttributeValue>>,
    output = path,
  ): string {
    const inputs = [input, this.#weight(`${path}.weight`, [rows, columns, ...kernel])];
    if (bias) inputs.push(this.#weight(`${path}.bias`, [opType === 'Conv' ? rows : columns]));
    return this.#node(opType, inputs, output, attributes);
  }

  #norm(input: string, { kind, epsilon, affine }: Norm, path: string, features: number): string {
    const parameters = affine
      ? [this.#weight(`${path}.weight`, [features]), this.#weight(`${path}.bias`, [features])]
      : [this.#constant(`${path}.one`, features, 1), this.#constant(`${path}.zero`, features, 0)];
    const attributes = { epsilon: { float: epsilon } };
    if (kind === 'instance')
      return this.#node('InstanceNormalization', [input, ...parameters], path, attributes);
    const running = [
      this.#weight(`${path}.running_mean`, [features]),
      this.#weight(`${path}.running_var`, [features]),
    ];
    return this.#node('BatchNormalization', [input, ...parameters, ...running], path, attributes);
  }

  #activation(input: string, activation: Activation, path: string): string {
    return this.#node(
      activation.kind,
      [input],
      path,
      activation.kind === 'Relu' ? {} : { alpha: { float: activation.alpha } },
    );
  }

  #node(
    opType: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, AttributeValue | FloatValue>> = {},
  ): string {
    this.nodes.push(makeNode(opType, inputs, [output], attributes));
    return output;
  }

  #weight(name: string, shape: readonly number[]): string {
    this.weights.push({ name, shape });
    return name;
  }

  #constant(name: string, length: number, value: number): string {
    const rawData = new Uint8Array(new Float32Array(length).fill(value).buffer);
    this.constants.push({ name, dims: [length], dataType: dataType.float, rawData, externalData: [] });
    return name;
  }
}

/** nnU-Net pads with (k − 1) / 2 on either side. */
function convAttributes(kernel: Vec3, stride: Vec3): Readonly<Record<string, AttributeValue>> {
  const pad = kernel.map((size) => (size - 1) / 2);
  return { kernel_shape: kernel, strides: stride, pads: [...pad, ...pad] };
}
