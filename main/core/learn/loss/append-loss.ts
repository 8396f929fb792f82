import { makeValueInfo } from '../../onnx/build-graph.ts';
import { opsetOf, type Shape } from '../../onnx/infer-shapes.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import { NodeBuilder } from '../node-builder.ts';

/** The name of the scalar that `appendLoss` adds. */
export const lossName = 'loss';

/**
 * A network with a loss at its end. `inputs` are what the loss reads beside the network's values: they become inputs of the
 * graph. `build` gives the name of the scalar.
 */
export function appendLoss(
  model: OnnxModel,
  inputs: Readonly<Record<string, Shape>>,
  build: (builder: NodeBuilder) => string,
): OnnxModel {
  const { graph } = model;
  const taken = [
    ...graph.inputs.map(({ name }) => name ?? ''),
    ...graph.initializers.map(({ name }) => name ?? ''),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
    ...Object.keys(inputs),
    lossName,
  ];
  const builder = new NodeBuilder(taken, opsetOf(model));
  const loss = build(builder);
  const end = { inputs: [loss], outputs: [lossName], name: lossName, opType: 'Identity', attributes: [] };
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...graph.nodes, ...builder.nodes, end],
      initializers: [...graph.initializers, ...builder.initializers],
      inputs: [...graph.inputs, ...Object.entries(inputs).map(([name, shape]) => makeValueInfo(name, shape))],
      outputs: [...graph.outputs, makeValueInfo(lossName, [])],
    },
  };
}
