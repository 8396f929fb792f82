import type { NodeBuilder } from '../node-builder.ts';

/**
 * Losses as nodes of a graph; each gives the name of a scalar. `logits` and one-hot `target` are [n, classes, z, y, x],
 * `shape` is theirs; class 0 is the background.
 */
export interface LossInput {
  readonly logits: string;
  readonly target: string;
  readonly shape: readonly number[];
}

const channelAxis = 1;
const spatialAxes = (shape: readonly number[]): number[] => shape.slice(2).map((_, axis) => axis + 2);
const voxelsOf = (shape: readonly number[]): number =>
  shape.slice(2).reduce((product, size) => product * size, 1);

/** One-hot [n, classes, …] of float labels [n, 1, …]. */
export function oneHot(b: NodeBuilder, labels: string, classes: number, axes: number): string {
  const values = Float32Array.from({ length: classes }, (_, value) => value);
  const each = b.floats([1, classes, ...new Array<number>(axes).fill(1)], values);
  return b.asFloat(b.op('Equal', [labels, each]));
}

/**
 * Mean over the voxels of −Σ target · log softmax(logits).
 *
 * @param classWeights what a voxel of each class counts (torch's CrossEntropyLoss: the mean is weighted too)
 */
export function crossEntropy(
  b: NodeBuilder,
  { logits, target, shape }: LossInput,
  classWeights: readonly number[] | null = null,
): string {
  const axes = [0, channelAxis, ...spatialAxes(shape)];
  const logged = b.op('LogSoftmax', [logits], { axis: channelAxis });
  if (!classWeights) {
    return b.scale(b.sum(b.mul(logged, target), axes, 0), -1 / ((shape[0] ?? 1) * voxelsOf(shape)));
  }
  const each = b.floats(
    [1, classWeights.length, ...spatialAxes(shape).map(() => 1)],
    Float32Array.from(classWeights),
  );
  const weighted = b.mul(target, each);
  return b.neg(b.div(b.sum(b.mul(logged, weighted), axes, 0), b.sum(weighted, axes, 0)));
}

/** nnU-Net's, so that a class that is absent and not found counts as found. */
const smooth = 1e-5;

/**
 * nnU-Net's soft Dice (MemoryEfficientSoftDiceLoss, without background, batch_dice): minus the mean over the foreground classes
 * of (2 Σ p t + ε) / max(Σ p + Σ t + ε, 1e-8).
 */
export function softDice(b: NodeBuilder, { logits, target, shape }: LossInput): string {
  const classes = shape[channelAxis]!;
  // By way of the logarithm, which onnxruntime then shares with the cross-entropy: this operator is slow along channels.
  const share = b.op('Exp', [b.op('LogSoftmax', [logits], { axis: channelAxis })]);
  const axes = [0, ...spatialAxes(shape)];
  const foreground = (value: string): string => b.slice(b.sum(value, axes, 0), [0], [1], [classes]);
  const common = foreground(b.mul(share, target));
  const total = b.add(foreground(share), foreground(target));
  const dice = b.div(b.add(b.scale(common, 2), b.scalar(smooth)), b.add(total, b.scalar(smooth)));
  return b.neg(b.mean(dice, [0], 0));
}

/** nnU-Net's DC_and_CE_loss with equal weights. */
export function diceAndCrossEntropy(
  b: NodeBuilder,
  input: LossInput,
  classWeights: readonly number[] | null = null,
): string {
  return b.add(crossEntropy(b, input, classWeights), softDice(b, input));
}

/**
 * nnU-Net's deep supervision (DeepSupervisionWrapper): the losses of all scales, finest first, weighted 1, ½, ¼ …, the
 * coarsest left out, weights summing to 1.
 */
export function deeplySupervised(b: NodeBuilder, losses: readonly string[]): string {
  return overScales(b, losses.length > 1 ? losses.slice(0, -1) : losses);
}

/** The losses of some scales, finest first, weighted 1, ½, ¼ …, weights summing to 1. */
export function overScales(b: NodeBuilder, losses: readonly string[]): string {
  const weights = losses.map((_, scale) => 2 ** -scale);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return losses
    .map((loss, scale) => b.scale(loss, weights[scale]! / total))
    .reduce((sum, loss) => b.add(sum, loss));
}

export interface DistillInput {
  readonly logits: string;
  /** Of the full network, same shape. */
  readonly teacher: string;
  readonly shape: readonly number[];
  readonly temperature: number;
  /** What a voxel counts that the full network gives a label, beside 1 for background. */
  readonly foregroundWeight: number;
}

/**
 * Distillation (Hinton et al. 2015): T² KL(softmax(teacher / T) ‖ softmax(logits / T)), averaged over the voxels with
 * weights.
 */
export function distill(b: NodeBuilder, input: DistillInput): string {
  const { shape, temperature, foregroundWeight } = input;
  const soften = (logits: string): string =>
    b.op('LogSoftmax', [b.scale(logits, 1 / temperature)], { axis: channelAxis });
  const taught = soften(input.teacher);
  const gap = b.sub(taught, soften(input.logits));
  const divergence = b.sum(b.mul(b.op('Exp', [taught]), gap), [channelAxis], 1);
  const weights = foregroundOf(b, input.teacher, foregroundWeight);
  const all = [0, 1, ...spatialAxes(shape)];
  const mean = b.div(b.sum(b.mul(divergence, weights), all, 0), b.sum(weights, all, 0));
  return b.scale(mean, temperature ** 2);
}

/**
 * Distillation of regions, which overlap: T² times the binary KL of each region's sigmoid, averaged over voxels and regions; a voxel
 * counts more in the regions that the full network puts it into. That is `distill` of two classes a region, whose logits are 0 and
 * the region's own: softmax([0, x])₁ = sigmoid(x).
 */
export function distillRegions(b: NodeBuilder, input: DistillInput): string {
  const [, regions, ...size] = input.shape as readonly [number, number, ...number[]];
  const each = [regions, 1, ...size];
  const twoClasses = (logits: string): string => {
    const alone = b.reshape(logits, each);
    return b.op('Concat', [b.scale(alone, 0), alone], { axis: channelAxis });
  };
  return distill(b, {
    ...input,
    logits: twoClasses(input.logits),
    teacher: twoClasses(input.teacher),
    shape: [regions, 2, ...size],
  });
}

function foregroundOf(b: NodeBuilder, teacher: string, weight: number): string {
  const winner = b.op('ArgMax', [teacher], { axis: channelAxis, keepdims: 1 });
  const isForeground = b.asFloat(b.op('Cast', [winner], { to: 9 }));
  return b.add(b.scale(isForeground, weight - 1), b.scalar(1));
}

/** Mean of the squares of all differences. */
export function squaredError(b: NodeBuilder, { logits, target, shape }: LossInput): string {
  const gap = b.sub(logits, target);
  const axes = shape.map((_, axis) => axis);
  return b.mean(b.mul(gap, gap), axes, 0);
}
