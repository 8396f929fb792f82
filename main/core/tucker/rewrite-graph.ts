import { freshName } from '../onnx/fresh-name.ts';
import { makeAttribute, makeNode } from '../onnx/build-graph.ts';
import { makeFloatTensorOf } from '../onnx/make-float-tensor-of.ts';
import type { OnnxModel } from '../onnx/onnx-file.ts';
import { dataType, type GraphProto, type NodeProto, type TensorProto } from '../onnx/proto.ts';
import { transposed } from '../tensor/matrices.ts';
import type { LayerFactors } from './layer-factors.ts';
import type { Layer } from './layer.ts';

/**
 * Puts factors in the place of layers. A convolution becomes a 1×1×1 reduction without bias, the core with all
 * attributes of the original and without bias, and a 1×1×1 expansion with the original bias (arXiv 2404.09683, figure
 * 1); nothing about padding or strides changes, since neither 1×1×1 touches the grid. Two factors, for a matrix or a
 * 1×1×1 convolution, have no core. New nodes and weights have the old names with `.reduce`, `.core` and `.expand`;
 * the value that the layer made keeps its name. Weights that nothing uses any more go; every other part of the file
 * is written byte for byte as it was read.
 *
 * @param factors by layer of this very model
 */
export function rewriteGraph(model: OnnxModel, factors: ReadonlyMap<Layer, LayerFactors>): OnnxModel {
  if (factors.size === 0) return model;
  const { graph } = model;
  const editor = new GraphEditor(graph);
  const byNode = new Map([...factors].map(([layer, each]) => [layer.node, { layer, each }]));
  const nodes = graph.nodes.flatMap((node) => {
    const found = byNode.get(node);
    return found ? editor.replace(found.layer, found.each) : [node];
  });
  const used = usedNames({ ...graph, nodes });
  const replaced = new Set([...factors.keys()].flatMap(({ node }) => node.inputs.slice(1).filter(Boolean)));
  const unused = (name: string | undefined) => replaced.has(name ?? '') && !used.has(name ?? '');
  return {
    ...model,
    graph: {
      ...graph,
      // A weight can be the output of a Constant node.
      nodes: nodes.filter(({ outputs }) => outputs.length !== 1 || !unused(outputs[0])),
      initializers: [...graph.initializers.filter(({ name }) => !unused(name)), ...editor.initializers],
      inputs: graph.inputs.filter(({ name }) => !unused(name)),
      valueInfos: graph.valueInfos.filter(({ name }) => !unused(name)),
    },
  };
}

class GraphEditor {
  readonly initializers: TensorProto[] = [];
  readonly #names: Set<string>;

  constructor(graph: GraphProto) {
    this.#names = usedNames(graph);
    for (const node of graph.nodes) for (const name of node.outputs) this.#names.add(name);
    for (const { name } of [...graph.initializers, ...graph.inputs]) this.#names.add(name ?? '');
  }

  replace(layer: Layer, factors: LayerFactors): NodeProto[] {
    if (layer.kind === 'MatMul') return this.#matrices(layer, factors);
    if (layer.kind === 'Gemm') return this.#gemms(layer, factors);
    return factors.core === null
      ? this.#twoConvolutions(layer, factors)
      : this.#convolutions(layer, factors, factors.core);
  }

  #convolutions(layer: Layer, factors: LayerFactors, core: Float32Array): NodeProto[] {
    const { node, channels, window, rowsAre } = layer;
    const { ranks } = factors;
    const point = window.map(() => 1);
    const [input = ''] = node.inputs;
    const reduced = this.#name(`${this.#output(node)}.reduced`);
    const inner = this.#name(`${this.#output(node)}.core`);
    const coreRanks = rowsAre === 'in' ? [ranks.in, ranks.out] : [ranks.out, ranks.in];
    const reduce = this.#weight(layer, 'reduce', [ranks.in, channels.in, ...point], factors.reduce);
    const coreWeight = this.#weight(layer, 'core', [...coreRanks, ...window], core);
    return [
      named(makeNode('Conv', [input, reduce], [reduced], { kernel_shape: point }), `${layer.name}.reduce`),
      { ...node, name: `${layer.name}.core`, inputs: [reduced, coreWeight], outputs: [inner] },
      this.#expansion(layer, factors, inner),
    ];
  }

  /** The reduction takes the stride and padding of the original: all that a 1×1×1 convolution can have. */
  #twoConvolutions(layer: Layer, factors: LayerFactors): NodeProto[] {
    const { node, channels, window } = layer;
    const [input = ''] = node.inputs;
    const reduced = this.#name(`${this.#output(node)}.reduced`);
    const dims = [factors.ranks.in, channels.in, ...window];
    const reduce = this.#weight(layer, 'reduce', dims, factors.reduce);
    return [
      { ...node, name: `${layer.name}.reduce`, inputs: [input, reduce], outputs: [reduced] },
      this.#expansion(layer, factors, reduced),
    ];
  }

  #expansion(layer: Layer, factors: LayerFactors, input: string): NodeProto {
    const { node, channels, window } = layer;
    const point = window.map(() => 1);
    const expand = this.#weight(layer, 'expand', [channels.out, factors.ranks.out, ...point], factors.expand);
    const inputs = [input, expand, ...this.#bias(layer, factors)];
    return named(makeNode('Conv', inputs, node.outputs, { kernel_shape: point }), `${layer.name}.expand`);
  }

  /** x · W with W [in, out]. */
  #matrices(layer: Layer, factors: LayerFactors): NodeProto[] {
    const { node, channels } = layer;
    const { ranks } = factors;
    const [input = ''] = node.inputs;
    const reduced = this.#name(`${this.#output(node)}.reduced`);
    const reduceData = transposed(factors.reduce, ranks.in, channels.in);
    const expandData = transposed(factors.expand, channels.out, ranks.out);
    const reduce = this.#weight(layer, 'reduce', [channels.in, ranks.in], reduceData);
    const expand = this.#weight(layer, 'expand', [ranks.out, channels.out], expandData);
    return [
      named(makeNode('MatMul', [input, reduce], [reduced]), `${layer.name}.reduce`),
      { ...node, name: `${layer.name}.expand`, inputs: [reduced, expand] },
    ];
  }

  /** α · x W + β · C: the reduction turns x where the original did, the expansion has the rest. */
  #gemms(layer: Layer, factors: LayerFactors): NodeProto[] {
    const { node, channels } = layer;
    const { ranks } = factors;
    const [input = ''] = node.inputs;
    const reduced = this.#name(`${this.#output(node)}.reduced`);
    const reduce = this.#weight(layer, 'reduce', [ranks.in, channels.in], factors.reduce);
    const expand = this.#weight(layer, 'expand', [channels.out, ranks.out], factors.expand);
    const attribute = (name: string) => node.attributes.filter((each) => each.name === name);
    const transB = makeAttribute('transB', 1);
    const first = makeNode('Gemm', [input, reduce], [reduced]);
    return [
      { ...first, name: `${layer.name}.reduce`, attributes: [...attribute('transA'), transB] },
      {
        ...node,
        name: `${layer.name}.expand`,
        inputs: [reduced, expand, ...this.#bias(layer, factors)],
        attributes: [...attribute('alpha'), ...attribute('beta'), transB],
      },
    ];
  }

  #bias(layer: Layer, { bias }: LayerFactors): readonly string[] {
    if (bias) return [this.#weight(layer, 'bias', [layer.channels.out], bias)];
    const name = layer.node.inputs[2];
    return name ? [name] : [];
  }

  #weight(layer: Layer, part: string, dims: readonly number[], values: Float32Array): string {
    const name = this.#name(`${layer.node.inputs[1]}.${part}`);
    this.initializers.push(makeFloatTensorOf(layer.weight.dataType ?? dataType.float, name, dims, values));
    return name;
  }

  #output(node: NodeProto): string {
    return node.outputs[0] ?? '';
  }

  /** Two layers can share their weights. */
  #name(wanted: string): string {
    return freshName(this.#names, wanted);
  }
}

function named(node: NodeProto, name: string): NodeProto {
  return { ...node, name };
}

/** Names that nodes read, in subgraphs too, and that the graph gives out. */
function usedNames({ nodes, outputs }: GraphProto): Set<string> {
  const used = new Set(outputs.map(({ name }) => name ?? ''));
  for (const node of nodes) {
    for (const name of node.inputs) used.add(name);
    for (const { g } of node.attributes) if (g) for (const name of usedNames(g)) used.add(name);
  }
  return used;
}
