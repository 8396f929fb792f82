import { operatorName } from '../../onnx/infer-shapes.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import type { NodeProto, TensorProto } from '../../onnx/proto.ts';

/** One change of a graph: nodes that go, those that come in their place, and the constants these use. */
export interface Edit {
  readonly remove: readonly NodeProto[];
  readonly add: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
}

/**
 * The model with an edit made. Constants that only the removed nodes used go with them; nodes, weights and all other
 * parts that the edit does not name stay the objects that they were, so that they are written byte for byte as read.
 */
export function applyEdit(model: OnnxModel, { remove, add, initializers }: Edit): OnnxModel {
  const { graph } = model;
  const removed = new Set(remove);
  const last = Math.max(...remove.map((node) => graph.nodes.indexOf(node)));
  const nodes = graph.nodes.flatMap((node, i) => {
    const kept = removed.has(node) ? [] : [node];
    return i === last ? [...kept, ...add] : kept;
  });
  const used = new Set([...nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  const released = new Set(remove.flatMap(({ inputs }) => inputs).filter((name) => !used.has(name)));
  const gone = (name: string | undefined) => released.has(name ?? '');
  const made = new Set([...graph.inputs.map(({ name }) => name), ...nodes.flatMap(({ outputs }) => outputs)]);
  return {
    ...model,
    graph: {
      ...graph,
      nodes: inOrder(nodes.filter((node) => !(operatorName(node) === 'Constant' && gone(node.outputs[0])))),
      initializers: [...graph.initializers.filter(({ name }) => !gone(name)), ...initializers],
      valueInfos: graph.valueInfos.filter(({ name }) => made.has(name)),
    },
  };
}

/** Every node after those whose outputs it uses, and otherwise in the order given (ONNX asks for that). */
function inOrder(nodes: readonly NodeProto[]): NodeProto[] {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const placed = new Set<NodeProto>();
  const place = (node: NodeProto): void => {
    if (placed.has(node)) return;
    placed.add(node);
    for (const name of node.inputs) {
      const producer = producers.get(name);
      if (producer) place(producer);
    }
    ordered.push(node);
  };
  const ordered: NodeProto[] = [];
  nodes.forEach(place);
  return ordered;
}
