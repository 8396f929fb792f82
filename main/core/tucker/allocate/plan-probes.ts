import { makeFloatTensor, makeModel, makeNode, makeValueInfo } from '../../onnx/build-graph.ts';
import { inferShapes, type Shape } from '../../onnx/infer-shapes.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import type { NodeProto } from '../../onnx/proto.ts';
import type { ChannelRanks } from '../choose-ranks.ts';
import type { Layer } from '../layer.ts';
import { operationKey, operationsOf, type Operation } from './operations.ts';

/** A network of one operation, to be timed. */
export interface Probe {
  readonly operation: Operation;
  readonly model: OnnxModel;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
}

/** A layer at some ranks, or as it is for null. */
export interface RankedLayer {
  readonly layer: Layer;
  readonly ranks: ChannelRanks | null;
}

/**
 * The operations that these layers are made of, each once, with strides, padding and image sizes as they are. Layers
 * whose shapes are not known have none. Throws OnnxFormatError as `inferShapes` does.
 */
export function planProbes(
  model: OnnxModel,
  inputShapes: Readonly<Record<string, Shape>>,
  wanted: readonly RankedLayer[],
): readonly Probe[] {
  const shapes = inferShapes(model, inputShapes);
  const probes = new Map<string, Probe>();
  for (const { layer, ranks } of wanted)
    for (const operation of operationsOf(layer, ranks) ?? []) {
      const key = operationKey(operation);
      if (!probes.has(key)) probes.set(key, makeProbe(operation, layer, shapes));
    }
  return [...probes.values()];
}

function makeProbe(operation: Operation, layer: Layer, shapes: ReadonlyMap<string, Shape>): Probe {
  const { kind, channels, positions } = operation;
  if (kind === 'matrix') {
    const node = makeNode('MatMul', ['x', 'w'], ['y']);
    const [input, output] = [
      [positions.in, channels.in],
      [positions.out, channels.out],
    ];
    return probeOf(operation, node, [channels.in, channels.out], input, output);
  }
  if (kind === 'point') {
    // The image as one axis: the same product.
    const node = makeNode('Conv', ['x', 'w'], ['y'], { kernel_shape: [1] });
    const [input, output] = [
      [1, channels.in, positions.in],
      [1, channels.out, positions.out],
    ];
    return probeOf(operation, node, [channels.out, channels.in, 1], input, output);
  }
  const node = { ...layer.node, name: 'probe', inputs: ['x', 'w'], outputs: ['y'] };
  const sides = kind === 'Conv' ? [channels.out, channels.in] : [channels.in, channels.out];
  const withChannels = (name: string | undefined, count: number) => {
    const [batch, , ...space] = shapes.get(name ?? '') ?? [];
    return [batch, count, ...space];
  };
  const input = withChannels(layer.node.inputs[0], channels.in);
  const output = withChannels(layer.node.outputs[0], channels.out);
  return probeOf(operation, node, [...sides, ...layer.window], input, output);
}

function probeOf(
  operation: Operation,
  node: NodeProto,
  weightDims: readonly number[],
  inputShape: Shape,
  outputShape: Shape,
): Probe {
  const size = weightDims.reduce((product, dim) => product * dim, 1);
  const model = makeModel({
    name: 'probe',
    nodes: [node],
    initializers: [makeFloatTensor('w', weightDims, new Float32Array(size).fill(2 ** -6))],
    inputs: [makeValueInfo('x', inputShape)],
    outputs: [makeValueInfo('y', outputShape)],
  });
  return { operation, model, inputShape, outputShape };
}
