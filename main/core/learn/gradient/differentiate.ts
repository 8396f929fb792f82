import { makeValueInfo } from '../../onnx/build-graph.ts';
import { inferShapes, operatorName, opsetOf, type Shape } from '../../onnx/infer-shapes.ts';
import { tensorAttribute } from '../../onnx/node-attributes.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import type { NodeProto, TensorProto } from '../../onnx/proto.ts';
import { smallConstant } from '../../onnx/tensor-data.ts';
import { NodeBuilder } from '../node-builder.ts';
import { LearnError, refuse, type GradientView } from './gradient-rule.ts';
import { gradientRules } from './gradient-rules.ts';
import { quickOperator } from './quick-operators.ts';

export interface DifferentiateOptions {
  /** The scalar whose gradients are wanted: a value of the graph. */
  readonly loss: string;
  /** Values that it is differentiated by: initialisers or inputs. Initialisers become inputs. */
  readonly by: readonly string[];
  /** Of every input. */
  readonly inputShapes: Readonly<Record<string, Shape>>;
}

export interface Differentiated {
  /** Inputs: those of `model`, then `by` where they were initialisers. Outputs: loss, one gradient for each of `by`. */
  readonly model: OnnxModel;
  /** By the name of the value: the name of the output with its gradient. */
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * Reverse-mode differentiation of a graph into another graph, so that any ONNX runtime can learn: the forward nodes, then for
 * each that a wanted value reaches its vector-Jacobian product, last to first. The gradient of a value that the loss does not depend
 * on is zeros. Throws LearnError for an operator without a gradient, by name; OnnxFormatError for a graph that does not fit together.
 */
export function differentiate(model: OnnxModel, options: DifferentiateOptions): Differentiated {
  const { loss, by, inputShapes } = options;
  if (opsetOf(model) < 13)
    throw new LearnError(`opset ${opsetOf(model)} is too old to be learnt; 13 is needed`);
  const shapes = inferShapes(model, inputShapes);
  if (shapes.get(loss)?.length !== 0) throw new LearnError(`the loss "${loss}" is not one number`);
  const taken = [...shapes.keys(), ...model.graph.nodes.flatMap(({ outputs }) => outputs)];
  const builder = new NodeBuilder(taken, opsetOf(model));
  const reached = reachedFrom(by, model.graph.nodes);
  const gradients = new Map<string, string>([[loss, builder.scalar(1)]]);
  const constants = constantsOf(model);
  for (const node of model.graph.nodes.toReversed()) {
    const gradient = gradients.get(node.outputs[0] ?? '');
    // A rule is given the gradient of the first output; that of another one would be lost.
    if (node.outputs.slice(1).some((name) => gradients.has(name) && reached.has(name)))
      throw refuse({ node }, 'has more than one output that the loss depends on');
    if (gradient === undefined || !node.inputs.some((name) => reached.has(name))) continue;
    const rule = gradientRules.get(operatorName(node));
    if (!rule) throw refuse({ node }, 'has no known gradient');
    const view = viewOf(node, builder, shapes, reached, constants);
    rule(view, gradient).forEach((part, index) => {
      const name = node.inputs[index];
      if (!name || !part || !reached.has(name)) return;
      const known = gradients.get(name);
      gradients.set(name, known === undefined ? part : builder.add(known, part));
    });
  }
  const outputs = new Map(by.map((name) => [name, gradients.get(name) ?? zeros(builder, shapes, name)]));
  return { model: assemble(model, builder, options, outputs, shapes), gradients: renamed(outputs) };
}

/** Graph outputs need names of their own: one value may be the gradient of two, or the constant 1. */
const outputOf = (name: string): string => `gradient of ${name}`;

function renamed(outputs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...outputs.keys()].map((name) => [name, outputOf(name)]));
}

function assemble(
  model: OnnxModel,
  builder: NodeBuilder,
  { loss, by }: DifferentiateOptions,
  gradients: ReadonlyMap<string, string>,
  shapes: ReadonlyMap<string, Shape>,
): OnnxModel {
  const { graph } = model;
  const backward = builder.drain();
  const forward = graph.nodes.flatMap((node) =>
    quickOperator(node, shapes.get(node.inputs[0] ?? '')?.length ?? 0, builder),
  );
  const freed = new Set(by);
  const known = new Set(graph.inputs.map(({ name }) => name));
  const weights = by.filter((name) => !known.has(name));
  const ends = [...gradients].map(([name, gradient]) => ({
    inputs: [gradient],
    outputs: [outputOf(name)],
    name: outputOf(name),
    opType: 'Identity',
    attributes: [],
  }));
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...forward, ...backward, ...ends],
      initializers: [
        ...graph.initializers.filter(({ name }) => !freed.has(name ?? '')),
        ...builder.initializers,
      ],
      inputs: [...graph.inputs, ...weights.map((name) => makeValueInfo(name, shapes.get(name) ?? []))],
      outputs: [
        makeValueInfo(loss, []),
        ...by.map((name) => makeValueInfo(outputOf(name), shapes.get(name) ?? [])),
      ],
      valueInfos: [],
    },
  };
}

/** Every value that depends on one of `names`, themselves included. */
function reachedFrom(names: readonly string[], nodes: readonly NodeProto[]): ReadonlySet<string> {
  const reached = new Set(names);
  for (const node of nodes) {
    if (node.inputs.some((name) => reached.has(name))) for (const output of node.outputs) reached.add(output);
  }
  return reached;
}

function constantsOf({ graph }: OnnxModel): ReadonlyMap<string, TensorProto> {
  const constants = new Map(graph.initializers.map((tensor) => [tensor.name ?? '', tensor]));
  for (const node of graph.nodes) {
    const tensor = node.opType === 'Constant' ? tensorAttribute(node, 'value') : null;
    if (tensor) constants.set(node.outputs[0] ?? '', tensor);
  }
  return constants;
}

function viewOf(
  node: NodeProto,
  builder: NodeBuilder,
  shapes: ReadonlyMap<string, Shape>,
  reached: ReadonlySet<string>,
  constants: ReadonlyMap<string, TensorProto>,
): GradientView {
  const named = (names: readonly string[], index: number): string => {
    const name = names[index];
    if (!name) throw refuse({ node }, `lacks its value ${index}`);
    return name;
  };
  return {
    node,
    builder,
    input: (index) => named(node.inputs, index),
    output: (index) => named(node.outputs, index),
    inputShape: (index) => shapes.get(named(node.inputs, index)) ?? [],
    outputShape: (index) => shapes.get(named(node.outputs, index)) ?? [],
    wants: (index) => reached.has(node.inputs[index] ?? ''),
    constant: (index) => {
      const tensor = constants.get(named(node.inputs, index));
      const elements = tensor && smallConstant(tensor);
      if (!elements) throw refuse({ node }, `takes its input ${index} from the image`);
      return elements;
    },
  };
}

function zeros(builder: NodeBuilder, shapes: ReadonlyMap<string, Shape>, name: string): string {
  return builder.expand(builder.scalar(0), shapes.get(name) ?? []);
}
