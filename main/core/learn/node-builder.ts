import { builtOpset, makeFloatTensor, makeInt64Tensor, makeNode } from '../onnx/build-graph.ts';
import { freshName } from '../onnx/fresh-name.ts';
import type { NodeProto, TensorProto } from '../onnx/proto.ts';

type Attributes = NonNullable<Parameters<typeof makeNode>[3]>;

/** Collects nodes and constants; each method gives the name of the value that it makes. */
export class NodeBuilder {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly #taken: Set<string>;
  /** Of the graph. */
  readonly opset: number;

  /**
   * @param taken the names that the graph has already
   * @param opset of the graph: 13 or newer
   */
  constructor(taken: Iterable<string> = [], opset = builtOpset) {
    this.#taken = new Set(taken);
    this.opset = opset;
  }

  /** Takes out the nodes that were collected until now. */
  drain(): NodeProto[] {
    return this.nodes.splice(0);
  }

  name(wanted: string): string {
    return freshName(this.#taken, wanted);
  }

  op(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.name(`${opType}.out`);
    this.nodes.push(makeNode(opType, inputs, [output], attributes));
    return output;
  }

  ints(values: readonly number[]): string {
    const name = this.name('ints');
    this.initializers.push(makeInt64Tensor(name, [values.length], values));
    return name;
  }

  floats(dims: readonly number[], data: Float32Array): string {
    const name = this.name('floats');
    this.initializers.push(makeFloatTensor(name, dims, data));
    return name;
  }

  scalar(value: number): string {
    return this.floats([], Float32Array.of(value));
  }

  add(a: string, b: string): string {
    return this.op('Add', [a, b]);
  }

  sub(a: string, b: string): string {
    return this.op('Sub', [a, b]);
  }

  mul(a: string, b: string): string {
    return this.op('Mul', [a, b]);
  }

  div(a: string, b: string): string {
    return this.op('Div', [a, b]);
  }

  neg(a: string): string {
    return this.op('Neg', [a]);
  }

  scale(a: string, factor: number): string {
    return factor === 1 ? a : this.mul(a, this.scalar(factor));
  }

  reshape(a: string, shape: readonly number[]): string {
    return this.op('Reshape', [a, this.ints(shape)]);
  }

  expand(a: string, shape: readonly number[]): string {
    return this.op('Expand', [a, this.ints(shape)]);
  }

  transpose(a: string, perm: readonly number[]): string {
    return this.op('Transpose', [a], { perm });
  }

  sum(a: string, axes: readonly number[], keepdims: 0 | 1): string {
    return axes.length === 0 ? a : this.op('ReduceSum', [a, this.ints(axes)], { keepdims });
  }

  mean(a: string, axes: readonly number[], keepdims: 0 | 1): string {
    return this.#reduce('ReduceMean', a, axes, keepdims);
  }

  max(a: string, axes: readonly number[], keepdims: 0 | 1): string {
    return this.#reduce('ReduceMax', a, axes, keepdims);
  }

  /** Opset 18 made an input of the axes; of ReduceSum alone opset 13 had done so. */
  #reduce(opType: string, a: string, axes: readonly number[], keepdims: 0 | 1): string {
    return this.opset < 18
      ? this.op(opType, [a], { axes, keepdims })
      : this.op(opType, [a, this.ints(axes)], { keepdims });
  }

  /** Entries [from, to) of each of `axes`. */
  slice(a: string, axes: readonly number[], from: readonly number[], to: readonly number[]): string {
    return this.op('Slice', [a, this.ints(from), this.ints(to), this.ints(axes)]);
  }

  /** Zeros before and after, one entry an axis each. */
  pad(a: string, before: readonly number[], after: readonly number[]): string {
    return this.op('Pad', [a, this.ints([...before, ...after])]);
  }

  /** 1 where `condition` (bool) holds, else 0. */
  asFloat(condition: string): string {
    return this.op('Cast', [condition], { to: 1 });
  }
}
