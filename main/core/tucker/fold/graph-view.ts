import { freshName } from '../../onnx/fresh-name.ts';
import { inferShapes, operatorName, opsetOf, type Shape } from '../../onnx/infer-shapes.ts';
import { tensorAttribute } from '../../onnx/node-attributes.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import { dataType, type NodeProto, type TensorProto } from '../../onnx/proto.ts';
import { smallConstant } from '../../onnx/tensor-data.ts';

/** Shapes of the inputs by name: what every dynamic dimension is when the graph runs. */
export type InputShapes = Readonly<Record<string, Shape>>;

/** A model indexed for pattern matching: who makes a value, who uses it, its shape, and which values are constant. */
export class GraphView {
  readonly model: OnnxModel;
  readonly opset: number;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #producers = new Map<string, NodeProto>();
  readonly #consumers = new Map<string, NodeProto[]>();
  readonly #constants = new Map<string, TensorProto>();
  readonly #outputs: ReadonlySet<string>;
  readonly #names: Set<string>;

  /** Throws OnnxFormatError as `inferShapes` does. */
  constructor(model: OnnxModel, inputShapes: InputShapes) {
    const { graph } = model;
    this.model = model;
    this.opset = opsetOf(model);
    this.#shapes = inferShapes(model, inputShapes);
    this.#outputs = new Set(graph.outputs.map(({ name }) => name ?? ''));
    // An initializer that is an input as well is only a default, which a caller may replace.
    const inputs = new Set(graph.inputs.map(({ name }) => name ?? ''));
    for (const tensor of graph.initializers)
      if (!inputs.has(tensor.name ?? '')) this.#constants.set(tensor.name ?? '', tensor);
    for (const node of graph.nodes) {
      for (const name of node.outputs) this.#producers.set(name, node);
      for (const name of new Set(node.inputs)) this.#consumersOf(name).push(node);
      const value = operatorName(node) === 'Constant' ? tensorAttribute(node, 'value') : null;
      if (value) this.#constants.set(node.outputs[0] ?? '', value);
    }
    this.#names = new Set([...this.#shapes.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)]);
  }

  #consumersOf(name: string): NodeProto[] {
    const found = this.#consumers.get(name) ?? [];
    this.#consumers.set(name, found);
    return found;
  }

  producer(name: string | undefined): NodeProto | undefined {
    return this.#producers.get(name ?? '');
  }

  consumers(name: string | undefined): readonly NodeProto[] {
    return this.#consumers.get(name ?? '') ?? [];
  }

  isOutput(name: string | undefined): boolean {
    return this.#outputs.has(name ?? '');
  }

  /** The one node that uses a value, as its first input and nowhere else; null where there is another use of it. */
  soleConsumer(name: string | undefined): NodeProto | null {
    const [node, ...others] = this.consumers(name);
    if (!node || others.length > 0 || this.isOutput(name)) return null;
    return node.inputs.filter((input) => input === name).length === 1 ? node : null;
  }

  /** Throws where the graph has no such value. */
  shape(name: string | undefined): Shape {
    const shape = this.#shapes.get(name ?? '');
    if (!shape) throw new Error(`the graph has no value "${name}"`);
    return shape;
  }

  /** A float32 constant whose elements lie in the file, else null. */
  constant(name: string | undefined): TensorProto | null {
    const tensor = this.#constants.get(name ?? '');
    return tensor?.dataType === dataType.float && tensor.dataLocation !== 1 ? tensor : null;
  }

  /** Elements of a short int64 constant, else null. */
  integers(name: string | undefined): readonly number[] | null {
    const tensor = this.#constants.get(name ?? '');
    return tensor?.dataType === dataType.int64 ? smallConstant(tensor) : null;
  }

  /** A name like `wanted` that the graph does not have yet; a second call gives another one. */
  freshName(wanted: string): string {
    return freshName(this.#names, wanted);
  }
}
