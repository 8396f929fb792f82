import { operatorName } from './infer-shapes.ts';
import { intAttribute, intsAttribute, stringAttribute } from './node-attributes.ts';
import type { OnnxModel } from './onnx-file.ts';
import type { NodeProto, TensorProto, ValueInfoProto } from './proto.ts';
import { tensorFloats, type ReadExternal } from './tensor-data.ts';

/** A network whose last step, a 1×1×1 convolution from C features to K logits, has been taken off. */
export interface SplitHead {
  /** The network up to that convolution: its output has C channels. */
  readonly body: OnnxModel;
  /** [K, C], C order. */
  readonly weight: Float32Array;
  /** [K]. */
  readonly bias: Float32Array;
  readonly classes: number;
  readonly features: number;
}

/**
 * Takes the head off a network, so that overlapping tiles can be blended as C features instead of K logits
 * (both are linear, so the order does not matter). Null where the one output is not made by a plain 1×1×1
 * convolution (stride 1, one group, no padding) or is used by another node as well.
 */
export function splitHead(model: OnnxModel, readExternal?: ReadExternal): SplitHead | null {
  const { graph } = model;
  const [output] = graph.outputs;
  const head = graph.nodes.find((node) => node.outputs.includes(output?.name ?? ''));
  if (graph.outputs.length !== 1 || !output || !head || !isPointwise(head)) return null;
  const [feature = '', weightName = '', biasName = ''] = head.inputs;
  const rest = graph.nodes.filter((node) => node !== head);
  const used = new Set(rest.flatMap((node) => node.inputs));
  const tensor = (name: string) => graph.initializers.find((candidate) => candidate.name === name);
  const weight = tensor(weightName);
  const bias = biasName ? tensor(biasName) : undefined;
  const madeInGraph = rest.some((node) => node.outputs.includes(feature));
  if (!weight || (biasName && !bias) || used.has(output.name ?? '') || !madeInGraph) return null;
  const [classes = 0, features = 0, ...kernel] = weight.dims;
  if (kernel.length === 0 || kernel.some((size) => size !== 1)) return null;
  const dropped = [weight, bias].filter((t): t is TensorProto => t !== undefined && !used.has(t.name ?? ''));
  const droppedNames = new Set(dropped.map(({ name }) => name));
  const body: OnnxModel = {
    ...model,
    graph: {
      ...graph,
      nodes: rest,
      initializers: graph.initializers.filter((candidate) => !dropped.includes(candidate)),
      inputs: graph.inputs.filter(({ name }) => !droppedNames.has(name)),
      outputs: [featureOutput(output, feature, features)],
      valueInfos: graph.valueInfos.filter(({ name }) => name !== feature && name !== output.name),
    },
  };
  return {
    body,
    weight: tensorFloats(weight, readExternal),
    bias: bias ? tensorFloats(bias, readExternal) : new Float32Array(classes),
    classes,
    features,
  };
}

function isPointwise(node: NodeProto): boolean {
  const all = (name: string, value: number) => (intsAttribute(node, name) ?? []).every((n) => n === value);
  return (
    operatorName(node) === 'Conv' &&
    intAttribute(node, 'group', 1) === 1 &&
    ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(stringAttribute(node, 'auto_pad', 'NOTSET')) &&
    all('strides', 1) &&
    all('pads', 0)
  );
}

/** The features lie on the logits' grid, so that only the channel count of the declared shape changes. */
function featureOutput(output: ValueInfoProto, name: string, features: number): ValueInfoProto {
  const tensorType = output.type?.tensorType;
  const dims = tensorType?.shape?.dims;
  if (!tensorType || !dims) return { ...output, name };
  const shape = { dims: dims.map((dim, axis) => (axis === 1 ? { value: features } : dim)) };
  return { ...output, name, type: { tensorType: { ...tensorType, shape } } };
}
