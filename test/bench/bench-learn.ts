import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createGraphSession } from '../../native/onnxruntime/create-graph-session.ts';
import { differentiate } from '../../main/core/learn/gradient/differentiate.ts';
import { appendLoss, lossName } from '../../main/core/learn/loss/append-loss.ts';
import { diceAndCrossEntropy, oneHot } from '../../main/core/learn/loss/losses.ts';
import { recipeArchitecture } from '../../main/core/learn/recipe/recipe-architecture.ts';
import { learnableWeights } from '../../main/core/learn/train/learnable-weights.ts';
import { planNetwork } from '../../main/core/nnunet/build-network.ts';
import { initialNetwork } from '../../main/core/nnunet/initial-weights.ts';
import { writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import { SeededRandom } from '../../main/core/random/seeded-random.ts';
import { median } from './bench-scan.ts';

const rounds = 7;
const patch = [64, 64, 64];
const classes = 6;
const features = [16, 32, 64, 128];
const convolutions = 2;
const architecture = recipeArchitecture({
  network: { features, strides: [1, 2, 2, 2], kernel: 3, convolutions, norm: 'instance' },
});
const threads = 2;

/**
 * Seconds of a step of learning (loss and all gradients, Dice + cross-entropy) of nnU-Net's U-Net of the bundled model's size on one patch, beside a forward pass of the
 * same graph in the same run, in turn; torch's beside them where Debian's python3-torch is installed.
 */
export async function benchLearn(): Promise<void> {
  const network = initialNetwork(planNetwork(architecture, 1, classes), new SeededRandom(1));
  const shape = [1, 1, ...patch];
  const logitsShape = [1, classes, ...patch];
  const input = network.graph.inputs[0].name!;
  const logits = network.graph.outputs[0].name!;
  const taught = appendLoss(network, { labels: shape }, (b) =>
    diceAndCrossEntropy(b, { logits, target: oneHot(b, 'labels', classes, 3), shape: logitsShape }),
  );
  const weights = learnableWeights(network);
  const learnt = differentiate(taught, {
    loss: lossName,
    by: [...weights.keys()],
    inputShapes: { [input]: shape, labels: shape },
  });
  const random = new SeededRandom(1);
  const voxels = shape.reduce((a, b) => a * b, 1);
  const float = (data: Float32Array, dims: readonly number[]) => ({ type: 'float32', data, dims });
  const image = float(
    Float32Array.from({ length: voxels }, () => random.normal()),
    shape,
  );
  const labels = float(
    Float32Array.from({ length: voxels }, () => random.below(classes)),
    shape,
  );
  const forward = await createGraphSession(writeOnnx(network), threads, { keepsMemory: true });
  const step = await createGraphSession(writeOnnx(learnt.model), threads, { keepsMemory: true });
  const fed = [...weights].map(([name, { data, dims }]) => [name, float(data, dims)] as const);
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work();
    return (performance.now() - start) / 1000;
  };
  const seconds = { forward: [] as number[], step: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    seconds.forward.push(await timed(() => forward.run(new Map([[input, image]]))));
    seconds.step.push(await timed(() => step.run(new Map([[input, image], ['labels', labels], ...fed]))));
  }
  await forward.release();
  await step.release();
  console.log(
    `\nOne step of learning, U-Net of 1.4 M parameters, ${patch.join(' × ')} voxels, medians of ${rounds}`,
  );
  const row = (name: string, forwardSeconds: number, stepSeconds: number) => ({
    runtime: name,
    'forward, s': forwardSeconds.toFixed(3),
    'step, s': stepSeconds.toFixed(3),
    'step / forward': (stepSeconds / forwardSeconds).toFixed(2),
  });
  const torch = torchSeconds();
  console.table([
    row('onnxruntime', median(seconds.forward), median(seconds.step)),
    ...(torch ? [row('torch', torch.forward, torch.step)] : []),
  ]);
}

function torchSeconds(): { forward: number; step: number } | null {
  const script = fileURLToPath(new URL('./torch-step.py', import.meta.url));
  const settings = JSON.stringify([features, convolutions, patch, classes, rounds]);
  const { status, stdout } = spawnSync('/usr/bin/python3', [script, settings], { encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout) as { forward: number; step: number }) : null;
}
