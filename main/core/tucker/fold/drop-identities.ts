import { operatorName } from '../../onnx/infer-shapes.ts';
import type { NodeProto } from '../../onnx/proto.ts';
import type { Edit } from './apply-edit.ts';
import type { GraphView } from './graph-view.ts';

/**
 * Takes out a node that gives its input back: Identity, Dropout outside training, a convolution-free Concat or Sum of
 * one value. Its users take its input; where it makes an output of the graph, the node before it makes that output.
 */
export function findIdentity(view: GraphView): Edit | null {
  for (const node of view.model.graph.nodes) {
    const [input = ''] = node.inputs;
    const [output = '', ...others] = node.outputs;
    if (
      !givesInputBack(node) ||
      others.some((name) => view.consumers(name).length > 0 || view.isOutput(name))
    )
      continue;
    if (!view.isOutput(output)) {
      const users = view.consumers(output);
      return {
        remove: [node, ...users],
        add: users.map((user) => renamed(user, output, input)),
        initializers: [],
      };
    }
    const producer = view.producer(input);
    if (!producer || producer.outputs.length !== 1 || view.soleConsumer(input) !== node) continue;
    return { remove: [producer, node], add: [{ ...producer, outputs: [output] }], initializers: [] };
  }
  return null;
}

function givesInputBack(node: NodeProto): boolean {
  const operator = operatorName(node);
  // Since opset 12 an input switches Dropout to training.
  if (operator === 'Dropout') return !node.inputs[2];
  return operator === 'Identity' || (['Concat', 'Sum'].includes(operator) && node.inputs.length === 1);
}

function renamed(node: NodeProto, from: string, to: string): NodeProto {
  return { ...node, inputs: node.inputs.map((name) => (name === from ? to : name)) };
}
