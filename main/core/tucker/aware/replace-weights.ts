import { makeFloatTensor } from '../../onnx/build-graph.ts';
import { freshName } from '../../onnx/fresh-name.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import type { TensorProto } from '../../onnx/proto.ts';
import type { Layer } from '../layer.ts';

export interface WholeWeights {
  /** As in the file: `layer.weight.dims`, C order. */
  readonly weight: Float32Array;
  /** [channels out]. */
  readonly bias: Float32Array;
}

/** Gives layers new weights and biases; the old ones go where nothing else uses them. */
export function replaceWeights(model: OnnxModel, layers: ReadonlyMap<Layer, WholeWeights>): OnnxModel {
  if (layers.size === 0) return model;
  const { graph } = model;
  const names = new Set(graph.initializers.map(({ name }) => name ?? ''));
  const added: TensorProto[] = [];
  const add = (wanted: string, dims: readonly number[], data: Float32Array): string => {
    const name = freshName(names, wanted);
    added.push(makeFloatTensor(name, dims, data));
    return name;
  };
  const byNode = new Map([...layers].map(([layer, weights]) => [layer.node, { layer, weights }]));
  const dropped = new Set<string>();
  const nodes = graph.nodes.map((node) => {
    const found = byNode.get(node);
    if (!found) return node;
    const { layer, weights } = found;
    const [input = '', weightName = '', biasName = ''] = node.inputs;
    for (const name of [weightName, biasName]) dropped.add(name);
    const weight = add(`${weightName}.fitted`, layer.weight.dims, weights.weight);
    const bias = add(`${weightName}.fitted.bias`, [layer.channels.out], weights.bias);
    return { ...node, inputs: [input, weight, bias] };
  });
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const isUnused = (name: string | undefined) => dropped.has(name ?? '') && !used.has(name ?? '');
  return {
    ...model,
    graph: {
      ...graph,
      nodes,
      initializers: [...graph.initializers.filter(({ name }) => !isUnused(name)), ...added],
      inputs: graph.inputs.filter(({ name }) => !isUnused(name)),
    },
  };
}
