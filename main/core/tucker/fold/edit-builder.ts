import { makeFloatTensor, makeInt64Tensor, makeNode } from '../../onnx/build-graph.ts';
import type { NodeProto, TensorProto } from '../../onnx/proto.ts';
import type { Edit } from './apply-edit.ts';
import type { GraphView } from './graph-view.ts';

type Attributes = Parameters<typeof makeNode>[3];

/** Collects the nodes and constants of one edit; each method gives the name of the value that it makes. */
export class EditBuilder {
  readonly #view: GraphView;
  readonly #base: string;
  readonly #add: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];

  /** @param base new values are called `base.part` */
  constructor(view: GraphView, base: string) {
    this.#view = view;
    this.#base = base;
  }

  name(part: string): string {
    return this.#view.freshName(`${this.#base}.${part}`);
  }

  push(node: NodeProto): void {
    this.#add.push(node);
  }

  /** @param output the name of the result where it must have a certain one */
  node(
    opType: string,
    inputs: readonly string[],
    part: string,
    attributes: Attributes = {},
    output = this.name(part),
  ): string {
    this.#add.push(makeNode(opType, inputs, [output], attributes));
    return output;
  }

  reshape(input: string, part: string, shape: readonly number[], output?: string): string {
    return this.node('Reshape', [input, this.ints('shape', shape)], part, {}, output);
  }

  /** Entries [from, to) of one axis. */
  slice(
    input: string,
    part: string,
    [from, to]: readonly [number, number],
    axis: number,
    output?: string,
  ): string {
    const inputs = [input, this.ints('from', [from]), this.ints('to', [to]), this.ints('axis', [axis])];
    return this.node('Slice', inputs, part, {}, output);
  }

  /** ReduceMean took its axes as an attribute before opset 18, and as an input since. */
  mean(input: string, part: string, axis: number, keepdims: 0 | 1): string {
    if (this.#view.opset < 18) return this.node('ReduceMean', [input], part, { axes: [axis], keepdims });
    return this.node('ReduceMean', [input, this.ints('axes', [axis])], part, { keepdims });
  }

  floats(part: string, dims: readonly number[], data: Float32Array): string {
    return this.constant(makeFloatTensor(this.name(part), dims, data));
  }

  ints(part: string, values: readonly number[]): string {
    return this.constant(makeInt64Tensor(this.name(part), [values.length], values));
  }

  constant(tensor: TensorProto): string {
    this.#initializers.push(tensor);
    return tensor.name ?? '';
  }

  edit(remove: readonly NodeProto[]): Edit {
    return { remove, add: this.#add, initializers: this.#initializers };
  }
}
