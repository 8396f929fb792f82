import { operatorName } from '../../onnx/infer-shapes.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import { dataType, type GraphProto, type NodeProto, type ValueInfoProto } from '../../onnx/proto.ts';
import type { GraphValues } from './calibration.ts';

/** A part of a network's nodes, in their order, and the values that have to be kept when it has run. */
export interface Segment {
  readonly nodes: readonly NodeProto[];
  /** Values of earlier segments, or of the network's inputs. */
  readonly reads: readonly string[];
  /** Values that later segments or the network's outputs need. */
  readonly keeps: readonly string[];
}

/**
 * Cuts a network before each of the given nodes, so that it can be run part by part with something done between.
 * Constants go into every part that uses them.
 *
 * @param cuts nodes of the graph, in its order
 * @param wanted values to be kept to the end beside the network's own outputs
 */
export function cutGraph({ graph }: OnnxModel, cuts: readonly NodeProto[]): Segment[] {
  const constants = new Map(
    graph.nodes.filter((node) => operatorName(node) === 'Constant').map((node) => [node.outputs[0], node]),
  );
  const initializers = new Set(graph.initializers.map(({ name }) => name));
  const isVariable = (name: string) => name !== '' && !initializers.has(name) && !constants.has(name);
  const parts: NodeProto[][] = [[]];
  const starts = new Set(cuts);
  for (const node of graph.nodes) {
    if (constants.has(node.outputs[0])) continue;
    if (starts.has(node)) parts.push([]);
    parts[parts.length - 1].push(node);
  }
  const needed = new Set(graph.outputs.map(({ name }) => name ?? ''));
  const segments: Segment[] = [];
  for (const part of parts.toReversed()) {
    const made = new Set(part.flatMap(({ outputs }) => outputs));
    const keeps = [...needed].filter((name) => made.has(name));
    for (const name of made) needed.delete(name);
    const used = new Set(part.flatMap(namesRead));
    const reads = [...used].filter((name) => isVariable(name) && !made.has(name));
    for (const name of reads) needed.add(name);
    const held = [...used].flatMap((name) => constants.get(name) ?? []);
    segments.unshift({ nodes: [...held, ...part], reads, keeps });
  }
  return segments;
}

/** What a node reads, its subgraphs' readings of outer values included. */
export function namesRead({ inputs, attributes }: NodeProto): string[] {
  const inner = attributes.flatMap(({ g }) => (g ? g.nodes.flatMap(namesRead) : []));
  const innerOutputs = attributes.flatMap(({ g }) => (g ? g.nodes.flatMap(({ outputs }) => outputs) : []));
  const own = new Set(innerOutputs);
  return [...inputs, ...inner.filter((name) => !own.has(name))];
}

/** A segment as a network of its own, whose outputs are the values it keeps and `also`. */
export function segmentModel(
  model: OnnxModel,
  { nodes, reads, keeps }: Segment,
  feeds: GraphValues,
  also: readonly string[] = [],
): OnnxModel {
  const used = new Set(nodes.flatMap(namesRead));
  const declared = new Map(
    [...model.graph.inputs, ...model.graph.outputs].map((info) => [info.name ?? '', info]),
  );
  const inputs = reads.map((name): ValueInfoProto => {
    const { type, dims } = feeds.get(name) ?? { type: 'float32', dims: [] };
    return {
      name,
      type: {
        tensorType: {
          elemType: elementType(type),
          shape: { dims: dims.map((_, axis) => ({ param: `${name} ${axis}` })) },
        },
      },
    };
  });
  // Their types follow from the nodes.
  const outputs = [...new Set([...keeps, ...also])].map((name) => declared.get(name) ?? { name });
  const graph: GraphProto = {
    ...model.graph,
    nodes,
    inputs,
    outputs,
    initializers: model.graph.initializers.filter(({ name }) => used.has(name ?? '')),
    valueInfos: [],
  };
  return { ...model, graph };
}

const elementTypes: Readonly<Record<string, number>> = {
  ...dataType,
  float32: dataType.float,
  float64: dataType.double,
};

function elementType(type: string): number {
  return elementTypes[type] ?? dataType.float;
}
