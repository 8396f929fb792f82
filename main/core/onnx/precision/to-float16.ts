import { makeNode } from '../build-graph.ts';
import { elementTypes } from '../element-sizes.ts';
import { freshName } from '../fresh-name.ts';
import { operatorName } from '../infer-shapes.ts';
import { makeFloatTensorOf } from '../make-float-tensor-of.ts';
import { describeNode, tensorAttribute } from '../node-attributes.ts';
import type { OnnxModel } from '../onnx-file.ts';
import { OnnxFormatError } from '../onnx-format-error.ts';
import { dataType, type GraphProto, type NodeProto, type TensorProto } from '../proto.ts';
import { tensorFloats, type ReadExternal } from '../tensor-data.ts';
import { halfInputCount, isNorm, type ValueFacts } from './half-operators.ts';

const elementType = { float32: dataType.float, float16: dataType.float16 } as const;
type Precision = keyof typeof elementType;

/**
 * The network with float16 weights, for GPUs: half the bytes stored, and half of what goes through memory. Inputs and
 * outputs stay float32, with Cast nodes behind and before them. Convolutions, products with weights, activations and
 * whatever only moves values run in float16; everything else in float32 between Casts (`half-operators.ts`): the
 * norms above all, whose sums over an image float16 cannot hold. So do products that give the network's output
 * straight away, which keeps `splitHead` working on the result. Weights round to nearest, halves to even; those below
 * 2⁻²⁵ become 0. What is float16 already, or not floating-point, stays as it is.
 *
 * Activations beyond 65504 become infinite, which the weights alone do not tell: compare a network made by this with
 * the original on images, on the very device. onnxruntime's CPU provider computes it in float32 from the rounded weights
 * (it has no float16 convolution, and takes out casts to and fro), so that it shows only what rounding the weights does.
 * A graph folded for the CPU gains nothing here, and computes its norms from products of weights: convert what
 * `mergeLinear` gives.
 *
 * @throws OnnxFormatError naming the weights, where they are no finite numbers or beyond float16's range; for control
 * flow (If, Loop, Scan); and for weights in other files without `readExternal`
 */
export function toFloat16(model: OnnxModel, readExternal?: ReadExternal): OnnxModel {
  const flow = model.graph.nodes.find(({ attributes }) => attributes.some(({ g }) => g !== undefined));
  if (flow) throw new OnnxFormatError(`${describeNode(flow)} holds a graph of its own, not made for float16`);
  return { ...model, graph: new HalfGraph(model, readExternal).convert() };
}

class HalfGraph {
  readonly #graph: GraphProto;
  readonly #readExternal: ReadExternal | undefined;
  readonly #types: ReadonlyMap<string, number>;
  readonly #constants = new Map<string, TensorProto>();
  readonly #nodes: NodeProto[] = [];
  readonly #halves: TensorProto[] = [];
  /** Each float32 value of the original, under the name that it has in either precision so far. */
  readonly #names = { float32: new Map<string, string>(), float16: new Map<string, string>() };
  readonly #taken: Set<string>;
  readonly #fitting = new Set<string>();
  readonly #facts: ValueFacts = {
    isWeight: (name) => this.#constants.has(name),
    fitsHalf: (name) => this.#fitting.has(name) || !this.#isFloat32(name),
  };

  constructor(model: OnnxModel, readExternal: ReadExternal | undefined) {
    const { graph } = model;
    this.#graph = graph;
    this.#readExternal = readExternal;
    this.#types = elementTypes(model);
    this.#taken = new Set([...this.#types.keys(), ...graph.nodes.map(({ name }) => name ?? '')]);
    for (const tensor of graph.initializers) this.#constants.set(tensor.name ?? '', tensor);
    for (const node of graph.nodes) {
      const tensor = operatorName(node) === 'Constant' ? tensorAttribute(node, 'value') : null;
      if (tensor) this.#constants.set(node.outputs[0] ?? '', tensor);
    }
  }

  convert(): GraphProto {
    const { nodes, initializers, inputs, outputs, valueInfos } = this.#graph;
    for (const { name } of [...inputs, ...initializers]) this.#names.float32.set(name ?? '', name ?? '');
    for (const { name } of inputs) this.#fitting.add(name ?? '');
    for (const node of nodes) this.#place(node);
    const used = new Set([...this.#nodes.flatMap((node) => node.inputs), ...outputs.map(({ name }) => name)]);
    const float32 = new Set(this.#names.float32.values());
    const gone = (name = '') => this.#names.float16.has(name) && this.#constants.has(name) && !used.has(name);
    return {
      ...this.#graph,
      nodes: this.#nodes.filter((node) => !gone(node.outputs[0])),
      initializers: [...initializers.filter(({ name }) => !gone(name)), ...this.#halves],
      // Old files list their weights as inputs too.
      inputs: inputs.filter(({ name }) => !gone(name)),
      valueInfos: valueInfos.filter(({ name = '' }) => !this.#isFloat32(name) || float32.has(name)),
    };
  }

  #isFloat32(name: string): boolean {
    return this.#types.get(name) === dataType.float;
  }

  #place(node: NodeProto): void {
    const halves = this.#givesOutput(node) ? 0 : halfInputCount(node, this.#facts);
    const inputs = node.inputs.map((name, i) => this.#use(name, i < halves ? 'float16' : 'float32'));
    // Of a node whose numbers come in float16 they go out so; indices, masks and sizes keep their type.
    const outputs = node.outputs.map((name) => this.#make(name, halves > 0 ? 'float16' : 'float32'));
    if (halves > 0 || isNorm(node)) for (const name of node.outputs) this.#fitting.add(name);
    this.#nodes.push({ ...node, inputs, outputs });
  }

  #givesOutput(node: NodeProto): boolean {
    const outputs = this.#graph.outputs.map(({ name }) => name);
    return node.outputs.some((name) => outputs.includes(name));
  }

  /** The name of a value in the wanted precision; converts it where it is not there yet. */
  #use(name: string, precision: Precision): string {
    if (!this.#isFloat32(name)) return name;
    const known = this.#names[precision].get(name);
    if (known !== undefined) return known;
    const constant = precision === 'float16' ? this.#constants.get(name) : undefined;
    if (constant) return this.#round(name, constant);
    const source = this.#names[precision === 'float16' ? 'float32' : 'float16'].get(name);
    if (source === undefined) throw new OnnxFormatError(`nothing before its use makes "${name}"`);
    const converted = this.#make(name, precision);
    const cast = makeNode('Cast', [source], [converted], { to: elementType[precision] });
    // Nodes are often called as the value that they make, which may be this one.
    this.#nodes.push({ ...cast, name: freshName(this.#taken, `${converted}.cast`) });
    return converted;
  }

  #make(name: string, precision: Precision): string {
    if (!this.#isFloat32(name)) return name;
    const made = precision === 'float32' ? name : freshName(this.#taken, `${name}.float16`);
    this.#names[precision].set(name, made);
    return made;
  }

  #round(name: string, tensor: TensorProto): string {
    const values = tensorFloats(tensor, this.#readExternal);
    if (!values.every(Number.isFinite))
      throw new OnnxFormatError(`the weights of "${name}" are not finite numbers`);
    const half = this.#make(name, 'float16');
    this.#halves.push(makeFloatTensorOf(dataType.float16, half, tensor.dims, values));
    return half;
  }
}
