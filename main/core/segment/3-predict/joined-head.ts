import { makeFloatTensor, makeModel, makeNode, makeValueInfo } from '../../onnx/build-graph.ts';
import type { OnnxModel } from '../../onnx/onnx-file.ts';
import { splitHead, type SplitHead } from '../../onnx/split-head.ts';

/**
 * The heads of all folds as one: the mean over folds of `weight · features + bias`, taken from the folds' features
 * lying side by side. Weighted sums over tiles, means over mirrorings and the head are all linear, and the weights
 * of a mean add up to 1, so the head may come after them; there it runs once a voxel, not once a tile, and tiles are
 * blended and stored as C features instead of K classes.
 */
export interface JoinedHead {
  readonly classes: number;
  /** Features of all folds. */
  readonly features: number;
  /** [classes, features] */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** The networks of a model's folds without their heads, where all have one and taking it off saves anything; else as they are. */
export function takeHeadsOff(
  networks: readonly OnnxModel[],
  classes: number,
): { readonly bodies: readonly OnnxModel[]; readonly head: JoinedHead | null } {
  const heads = networks.map((each) => splitHead(each)).filter((each) => each !== null);
  const head = heads.length === networks.length ? joinHeads(heads) : null;
  if (head?.classes !== classes) return { bodies: networks, head: null };
  return { bodies: heads.map(({ body }) => body), head };
}

/** Null where it would not save anything: side by side, the features are as many as the classes. */
export function joinHeads(heads: readonly SplitHead[]): JoinedHead | null {
  const [first] = heads;
  const features = heads.reduce((sum, head) => sum + head.features, 0);
  if (!first || features >= first.classes || heads.some((head) => head.classes !== first.classes))
    return null;
  const { classes } = first;
  const weight = new Float32Array(classes * features);
  const bias = new Float32Array(classes);
  let column = 0;
  for (const head of heads) {
    for (let k = 0; k < classes; k++) {
      bias[k] += head.bias[k] / heads.length;
      for (let c = 0; c < head.features; c++) {
        weight[k * features + column + c] = head.weight[k * head.features + c] / heads.length;
      }
    }
    column += head.features;
  }
  return { classes, features, weight, bias };
}

/** The head as a network of its own: [plane, features, voxel] to [plane, classes, voxel], any number of both. */
export function headNetwork({ classes, features, weight, bias }: JoinedHead): OnnxModel {
  return makeModel({
    name: 'head',
    nodes: [makeNode('Conv', ['features', 'weight', 'bias'], ['logits'])],
    initializers: [
      makeFloatTensor('weight', [classes, features, 1], weight),
      makeFloatTensor('bias', [classes], bias),
    ],
    inputs: [makeValueInfo('features', ['planes', features, 'voxels'])],
    outputs: [makeValueInfo('logits', ['planes', classes, 'voxels'])],
  });
}
