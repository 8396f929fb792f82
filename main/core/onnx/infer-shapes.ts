import { describeNode } from './node-attributes.ts';
import { OnnxFormatError } from './onnx-format-error.ts';
import type { OnnxModel } from './onnx-file.ts';
import type { NodeProto, TensorProto } from './proto.ts';
import { shapeRules } from './shape-rules.ts';
import { longestConstant, smallConstant } from './tensor-data.ts';

export type Shape = readonly number[];

/** What a rule sees of its node. Inputs count from 0; asking for one that is missing throws OnnxFormatError. */
export interface NodeView {
  readonly node: NodeProto;
  shape(input: number): Shape;
  hasInput(input: number): boolean;
  /** Elements of a small input whose value does not depend on the image; null where it does. */
  constant(input: number): readonly number[] | null;
  /** Opset version of the file. */
  readonly opset: number;
}

export interface NodeResult {
  readonly shapes: readonly Shape[];
  /** Elements of the first output where they are known. */
  readonly constant?: readonly number[];
}

export type ShapeRule = (view: NodeView) => NodeResult;

const largestElementCount = 2 ** 40;

/**
 * The shape of every value of the graph when it runs on inputs of the given shapes (which settles every dynamic
 * dimension). Sizes that the graph computes itself (Shape, Gather, Concat … into Resize or Reshape) are followed.
 * Throws OnnxFormatError for an operator that is not known, by name, and for shapes that do not fit together.
 */
export function inferShapes(
  model: OnnxModel,
  inputShapes: Readonly<Record<string, Shape>>,
): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>(Object.entries(inputShapes));
  const constants = new Map<string, readonly number[]>();
  for (const tensor of model.graph.initializers) addInitializer(tensor, shapes, constants);
  for (const node of model.graph.nodes) {
    const rule = shapeRules.get(operatorName(node));
    if (rule === undefined) throw new OnnxFormatError(`the operator ${operatorName(node)} is not known`);
    const result = rule(viewOf(node, opsetOf(model), shapes, constants));
    result.shapes.forEach((shape, i) => {
      const name = node.outputs[i];
      if (name) shapes.set(name, checked(node, shape));
    });
    const first = node.outputs[0];
    if (first && result.constant && result.constant.length <= longestConstant)
      constants.set(first, result.constant);
  }
  return shapes;
}

/** `Conv`, or `com.microsoft.FusedConv` for an operator outside ONNX's own domain. */
export function operatorName(node: NodeProto): string {
  const domain = node.domain ?? '';
  const name = node.opType ?? '';
  return domain === '' || domain === 'ai.onnx' ? name : `${domain}.${name}`;
}

export function opsetOf(model: OnnxModel): number {
  return model.opsetImports.find(({ domain }) => !domain || domain === 'ai.onnx')?.version ?? 1;
}

function addInitializer(
  tensor: TensorProto,
  shapes: Map<string, Shape>,
  constants: Map<string, readonly number[]>,
): void {
  const name = tensor.name ?? '';
  shapes.set(name, tensor.dims);
  const elements = smallConstant(tensor);
  if (elements) constants.set(name, elements);
}

function viewOf(
  node: NodeProto,
  opset: number,
  shapes: ReadonlyMap<string, Shape>,
  constants: ReadonlyMap<string, readonly number[]>,
): NodeView {
  return {
    node,
    opset,
    hasInput: (input) => Boolean(node.inputs[input]),
    constant: (input) => constants.get(node.inputs[input] ?? '') ?? null,
    shape(input) {
      const name = node.inputs[input];
      if (!name) throw new OnnxFormatError(`${describeNode(node)} lacks input ${input}`);
      const shape = shapes.get(name);
      if (!shape)
        throw new OnnxFormatError(`${describeNode(node)} uses "${name}", which nothing before it makes`);
      return shape;
    },
  };
}

function checked(node: NodeProto, shape: Shape): Shape {
  const count = shape.reduce((product, dim) => product * dim, 1);
  if (shape.some((dim) => !Number.isSafeInteger(dim) || dim < 0) || count > largestElementCount)
    throw new OnnxFormatError(`${describeNode(node)} gives the impossible shape ${shape.join(' × ')}`);
  return shape;
}
