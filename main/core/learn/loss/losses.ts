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
  const shares = classShares(b, logits);
  const common = b.scale(b.mul(shares, target), 2);
  return negativeDice(b, { common, shares, target, shape, first: 1, smooth });
}

/**
 * The Dice semimetric loss (Wang et al. 2023, DML1), where what is right is no label but shares, too: what is common is
 * p + t − |p − t|, which is 2 p t for labels. By 2 p t the best answer to an unsure target would be a sure one.
 */
function dissimilarity(b: NodeBuilder, overlap: Omit<Overlap, 'common' | 'smooth'>): string {
  const { shares, target } = overlap;
  const common = b.sub(b.add(shares, target), b.op('Abs', [b.sub(shares, target)]));
  return negativeDice(b, { ...overlap, common, smooth: taughtSmooth });
}

/** Softmax over the classes, by way of the logarithm, which onnxruntime then shares with the cross-entropy. */
function classShares(b: NodeBuilder, logits: string): string {
  return b.op('Exp', [b.op('LogSoftmax', [logits], { axis: channelAxis })]);
}

interface Overlap {
  /** Twice what both have. */
  readonly common: string;
  /** Of each voxel in each class or region; `target` is the same of what is right. */
  readonly shares: string;
  readonly target: string;
  readonly shape: readonly number[];
  /** Channel that counts first. */
  readonly first: number;
  /** Voxels that are added to what is there and to what is common. */
  readonly smooth: number;
}

function negativeDice(b: NodeBuilder, overlap: Overlap): string {
  const { common, shares, target, shape, first } = overlap;
  const axes = [0, ...spatialAxes(shape)];
  const counted = (value: string): string => b.slice(b.sum(value, axes, 0), [0], [first], [shape[1]!]);
  const total = b.add(counted(shares), counted(target));
  const added = b.scalar(overlap.smooth);
  return b.neg(b.mean(b.div(b.add(counted(common), added), b.add(total, added)), [0], 0));
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
 * Deep supervision: the losses of some scales, finest first, weighted 1, ½, ¼ …, weights summing to 1 (nnU-Net's
 * DeepSupervisionWrapper, but that this gives the coarsest 0).
 */
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
 * What is learnt of another network: its shares, voxel by voxel and label by label. A Dice beside the divergence, as in nnU-Net's
 * loss for labels: small labels hardly count in the divergence, and Dice is what a variant is judged by.
 */
export function distill(b: NodeBuilder, input: DistillInput): string {
  const { logits, teacher, shape } = input;
  const target = classShares(b, teacher);
  const overlap = dissimilarity(b, { shares: classShares(b, logits), target, shape, first: 1 });
  return b.add(divergence(b, input), overlap);
}

/** A voxel: without it, traces of a label that is not there would weigh as much as one that is. */
const taughtSmooth = 1;

/**
 * Hinton et al. 2015: T² KL(softmax(teacher / T) ‖ softmax(logits / T)), averaged over the voxels with weights.
 */
export function divergence(b: NodeBuilder, input: DistillInput): string {
  const { shape, temperature, foregroundWeight } = input;
  const soften = (logits: string): string =>
    b.op('LogSoftmax', [b.scale(logits, 1 / temperature)], { axis: channelAxis });
  const taught = soften(input.teacher);
  const gap = b.sub(taught, soften(input.logits));
  const each = b.sum(b.mul(b.op('Exp', [taught]), gap), [channelAxis], 1);
  const weights = foregroundOf(b, input.teacher, foregroundWeight);
  const all = [0, 1, ...spatialAxes(shape)];
  const mean = b.div(b.sum(b.mul(each, weights), all, 0), b.sum(weights, all, 0));
  return b.scale(mean, temperature ** 2);
}

/**
 * `distill` of regions, which overlap. The divergence is T² times the binary KL of each region's sigmoid, averaged over voxels and
 * regions; a voxel counts more in the regions that the full network puts it into. That is `divergence` of two classes a region,
 * whose logits are 0 and the region's own: softmax([0, x])₁ = sigmoid(x).
 */
export function distillRegions(b: NodeBuilder, input: DistillInput): string {
  const { logits, teacher, shape } = input;
  const [, regions, ...size] = shape as readonly [number, number, ...number[]];
  const each = [regions, 1, ...size];
  const twoClasses = (name: string): string => {
    const alone = b.reshape(name, each);
    return b.op('Concat', [b.scale(alone, 0), alone], { axis: channelAxis });
  };
  const target = b.op('Sigmoid', [teacher]);
  const overlap = dissimilarity(b, { shares: b.op('Sigmoid', [logits]), target, shape, first: 0 });
  const apart = divergence(b, {
    ...input,
    logits: twoClasses(logits),
    teacher: twoClasses(teacher),
    shape: [regions, 2, ...size],
  });
  return b.add(apart, overlap);
}

function foregroundOf(b: NodeBuilder, teacher: string, weight: number): string {
  const winner = b.op('ArgMax', [teacher], { axis: channelAxis, keepdims: 1 });
  const isForeground = b.asFloat(b.op('Cast', [winner], { to: 9 }));
  return b.add(b.scale(isForeground, weight - 1), b.scalar(1));
}
