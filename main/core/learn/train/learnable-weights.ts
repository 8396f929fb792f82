import { makeFloatTensor, makeValueInfo } from '../../onnx/build-graph.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import { isFloatTensor, tensorFloats } from '../../onnx/tensor-data.ts';

export interface Weight {
  readonly dims: readonly number[];
  /** C order, a copy that may be changed. */
  readonly data: Float32Array;
}

/**
 * What a network can learn: its floating-point initialisers but for scalars and the scales of a Resize, which are no weights but
 * constants. (A scale has no gradient, but weight decay would shrink it all the same.)
 */
export function learnableWeights({ graph }: OnnxModel): ReadonlyMap<string, Weight> {
  const sizes = new Set(
    graph.nodes.filter(({ opType }) => opType === 'Resize').flatMap(({ inputs }) => inputs.slice(1)),
  );
  const weights = new Map<string, Weight>();
  for (const tensor of graph.initializers) {
    if (!tensor.name || !isFloatTensor(tensor) || tensor.dims.length === 0 || sizes.has(tensor.name))
      continue;
    weights.set(tensor.name, { dims: tensor.dims, data: Float32Array.from(tensorFloats(tensor)) });
  }
  return weights;
}

/** The network with these weights in place of its own, float32. */
export function withWeights(model: OnnxModel, weights: ReadonlyMap<string, Float32Array>): OnnxModel {
  const initializers = model.graph.initializers.map((tensor) => {
    const data = weights.get(tensor.name ?? '');
    return data ? makeFloatTensor(tensor.name ?? '', tensor.dims, Float32Array.from(data)) : tensor;
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

/** The network with its weights as inputs: one session serves every state of them. */
export function withFreeWeights(model: OnnxModel, weights: ReadonlyMap<string, Weight>): OnnxModel {
  const { graph } = model;
  return {
    ...model,
    graph: {
      ...graph,
      initializers: graph.initializers.filter(({ name }) => !weights.has(name ?? '')),
      inputs: [...graph.inputs, ...[...weights].map(([name, { dims }]) => makeValueInfo(name, dims))],
    },
  };
}
