import { ModelFormatError } from '../model/model-format-error.ts';
import { makeFloatTensor } from '../onnx/build-graph.ts';
import type { OnnxModel } from '../onnx/onnx-file.ts';
import type { TensorProto } from '../onnx/proto.ts';
import type { NetworkPlan } from './build-network.ts';
import type { TorchTensor } from './pickle-values.ts';
import type { Checkpoint } from './torch-checkpoint.ts';

/**
 * Puts a checkpoint's weights into the network. Every weight must be there with its shape, and nothing else,
 * apart from what nnU-Net writes twice and what inference leaves out; all of that is checked before any weight is
 * read. Throws ModelFormatError, naming the weight.
 */
export async function fillWeights(plan: NetworkPlan, checkpoint: Checkpoint): Promise<OnnxModel> {
  checkWeights(plan, checkpoint.weights);
  const initializers: TensorProto[] = [];
  for (const { name, shape } of plan.weights) {
    const tensor = checkpoint.weights.get(name);
    if (tensor) initializers.push(makeFloatTensor(name, shape, await checkpoint.load(tensor)));
  }
  const { model } = plan;
  return { ...model, graph: { ...model.graph, initializers: [...initializers, ...plan.constants] } };
}

function checkWeights(plan: NetworkPlan, weights: ReadonlyMap<string, TorchTensor>): void {
  for (const { name, shape } of plan.weights) {
    const found = weights.get(name)?.shape;
    if (!found) throw new ModelFormatError(`the checkpoint lacks the weight ${name}`);
    if (found.join() !== shape.join())
      throw new ModelFormatError(
        `the weight ${name} is ${found.join(' × ')} where plans.json says ${shape.join(' × ')}`,
      );
  }
  const expected = new Set(plan.weights.map(({ name }) => name));
  for (const name of weights.keys()) {
    if (!expected.has(name) && !isLeftOut(name))
      throw new ModelFormatError(
        `the checkpoint holds the weight ${name}, which plans.json does not account for`,
      );
  }
}

/**
 * The same module under a second name (`all_modules`, the decoder's reference to its encoder), the heads of deep
 * supervision, and BatchNorm's count of training steps.
 */
function isLeftOut(name: string): boolean {
  return (
    name.includes('.all_modules.') ||
    name.startsWith('decoder.encoder.') ||
    /^decoder\.seg_layers\.\d+\.(weight|bias)$/.test(name) ||
    name.endsWith('.num_batches_tracked')
  );
}
