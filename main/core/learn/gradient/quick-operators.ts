import { intAttribute } from '../../onnx/node-attributes.ts';
import type { NodeProto } from '../../onnx/proto.ts';
import type { NodeBuilder } from '../node-builder.ts';

/**
 * Nodes that do what `node` does, itself where onnxruntime is quick with it. Its LogSoftmax over channels moves them to the end
 * and back, which takes four times as long as the operators that it is made of: x − max − log Σ exp(x − max).
 *
 * @param axes of the node's input
 */
export function quickOperator(node: NodeProto, axes: number, builder: NodeBuilder): readonly NodeProto[] {
  const axis = intAttribute(node, 'axis', -1);
  if (node.opType !== 'LogSoftmax' || axis === -1 || axis === axes - 1) return [node];
  const input = node.inputs[0]!;
  const centred = builder.sub(input, builder.max(input, [axis], 1));
  const logged = builder.op('Log', [builder.sum(builder.op('Exp', [centred]), [axis], 1)]);
  const last = { ...node, opType: 'Sub', inputs: [centred, logged], attributes: [] };
  return [...builder.drain(), last];
}
