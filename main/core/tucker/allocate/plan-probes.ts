import { makeFloatTensor, makeModel, makeNode, makeValueInfo } from '../../onnx/build-graph.ts';
import { inferShapes, type Shape } from '../../onnx/infer-shapes.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import type { NodeProto } from '../../onnx/proto.ts';
import { clipRanks } from '../choose-ranks.ts';
import { findLayers } from '../find-layers.ts';
import type { Layer } from '../layer.ts';
import { operationMacs, operationsOf, type Operation } from './operations.ts';

/** A network of one operation, to be timed. */
export interface Probe {
  readonly operation: Operation;
  readonly model: OnnxModel;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
}

/** Parts of the channels that are left, among those that an allocation can choose; 1: the layer itself. */
const parts = [1, 1 / 2, 1 / 4, 1 / 8];

/**
 * Operations whose times tell what every layer of a network takes at any ranks (`fitTimeModel`): those that the layers
 * are made of at some ranks, with strides, padding and image sizes as they are. Of each kind as many as are asked for, from
 * the cheapest to the dearest. Throws OnnxFormatError as `inferShapes` does.
 */
export function planProbes(
  model: OnnxModel,
  inputShapes: Readonly<Record<string, Shape>>,
  mostPerKind = 16,
): readonly Probe[] {
  const shapes = inferShapes(model, inputShapes);
  const found = new Map<string, { operation: Operation; layer: Layer }>();
  for (const layer of findLayers(model, inputShapes)) {
    if ('reason' in layer) continue;
    const { channels } = layer;
    for (const part of parts) {
      const ranks = clipRanks(layer, { in: channels.in * part, out: channels.out * part });
      for (const operation of operationsOf(layer, part === 1 ? null : ranks) ?? [])
        found.set(JSON.stringify(operation), { operation, layer });
    }
  }
  const kinds = new Set([...found.values()].map(({ operation }) => operation.kind));
  return [...kinds].flatMap((kind) => {
    const group = [...found.values()].filter(({ operation }) => operation.kind === kind);
    const timed = spread(group, ({ operation }) => operationMacs(operation), mostPerKind);
    return timed.map(({ operation, layer }) => makeProbe(operation, layer, shapes));
  });
}

/** So many of the items, evenly from the least to the greatest. */
function spread<T>(items: readonly T[], size: (item: T) => number, most: number): readonly T[] {
  const sorted = items.toSorted((a, b) => size(a) - size(b));
  if (sorted.length <= most) return sorted;
  return Array.from(
    { length: most },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / Math.max(1, most - 1))],
  );
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
