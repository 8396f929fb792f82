import type { OnnxModel } from '../../onnx/onnx-file.ts';
import { OnnxFormatError } from '../../onnx/onnx-format-error.ts';
import type { ValueInfoProto } from '../../onnx/proto.ts';
import { applyEdit, type Edit } from './apply-edit.ts';
import { findUncentred } from './centre-core.ts';
import { findComposition } from './compose-convolutions.ts';
import { findIdentity } from './drop-identities.ts';
import { findNorm } from './fold-norm.ts';
import { GraphView, type InputShapes } from './graph-view.ts';
import { runInSlabs } from './run-in-slabs.ts';
import { findTransposed } from './shuffle-transposed.ts';
import { findConcat } from './split-concat.ts';
import { findTaps } from './stack-taps.ts';

export interface FoldOptions {
  /**
   * Most bytes of a wide value between an expansion and its reductions that exist at a time. Small enough for the
   * cache, and large enough that a graph of a few thousand nodes does.
   */
  readonly slabBytes?: number;
  /** Most bytes of the intermediate value that `stack-taps` makes; 0 does without. */
  readonly stackedBytes?: number;
  /**
   * `memory`: the first axis of space stays undeclared, so that onnxruntime knows no whole value's size beforehand and
   * gives each back after its last use, instead of keeping it for a later one of the same size. Peak resident MiB of
   * TotalSegmentator's 1.5 mm architecture at DF 0.3, 128³, onnxruntime 1.30, in the engine's environment
   * (`engineEnvironment`): speed 1170, memory 840; neither folded nor compressed 1460.
   */
  readonly favour?: 'speed' | 'memory';
}

/** Finds the next place where a pass applies; null where there is none left. */
type Pass = (view: GraphView) => Edit | null;

/** Oldest operator set whose operators the passes write. */
const leastOpset = 13;

/**
 * Merges what is linear and has nothing between it, exactly but for rounding: for any device, and sizes that are free
 * stay free. A graph that cannot be followed comes back as it is.
 *
 * @param inputShapes typical sizes, by which merging is weighed
 */
export function mergeLinear(model: OnnxModel, inputShapes: InputShapes): OnnxModel {
  return unlessUnknown(model, () => merge(model, inputShapes));
}

/**
 * Rewrites a graph, Tucker-compressed or not, so that onnxruntime's CPU provider runs it faster and in less memory.
 * The result equals the original within 1e-4 of its largest output; for networks in float32 it is some 1e-6. In order:
 *
 * - `mergeLinear`: drop-identities, split-concat, compose-convolutions;
 * - shuffle-transposed: transposed convolutions with kernel = stride as 1×1×1 convolutions and a reordering;
 * - centre-core, stack-taps, fold-norm: norms after expansions computed on the core's few channels and folded into the
 *   expansion; core convolutions with fewer copies;
 * - run-in-slabs: expansion, activation and reduction within the cache.
 *
 * What matches no pattern is left byte for byte. The result holds for these very input shapes, which it declares.
 */
export function foldGraph(
  model: OnnxModel,
  inputShapes: InputShapes,
  { slabBytes = 2 ** 23, stackedBytes = 2 ** 29, favour = 'speed' }: FoldOptions = {},
): OnnxModel {
  return unlessUnknown(model, () => {
    const merged = merge(model, inputShapes);
    if (new GraphView(merged, inputShapes).opset < leastOpset) return merged;
    const folded = [
      findTransposed,
      findUncentred,
      (view: GraphView) => findTaps(view, stackedBytes),
      findNorm,
    ].reduce((current, pass) => repeat(current, inputShapes, pass), merged);
    const view = new GraphView(folded, inputShapes);
    const slabs = runInSlabs(view, slabBytes);
    if (folded === merged && !slabs) return merged;
    return withShapes(slabs ? applyEdit(folded, slabs) : folded, view, favour);
  });
}

function merge(model: OnnxModel, inputShapes: InputShapes): OnnxModel {
  return [findIdentity, findConcat, findComposition].reduce(
    (current, pass) => repeat(current, inputShapes, pass),
    model,
  );
}

function repeat(model: OnnxModel, inputShapes: InputShapes, pass: Pass): OnnxModel {
  for (let current = model; ;) {
    const edit = pass(new GraphView(current, inputShapes));
    if (!edit) return current;
    current = applyEdit(current, edit);
  }
}

/** Sizes that do not follow from what we know of the operators: such a graph runs unfolded. */
function unlessUnknown(model: OnnxModel, fold: () => OnnxModel): OnnxModel {
  try {
    return fold();
  } catch (error) {
    if (error instanceof OnnxFormatError) return model;
    throw error;
  }
}

/**
 * Declares the sizes that the folded graph is made for, which are written into it. Each Reshape leaves one size open, so
 * that what follows from an undeclared one stays unknown.
 */
function withShapes(
  { graph, ...model }: OnnxModel,
  view: GraphView,
  favour: FoldOptions['favour'],
): OnnxModel {
  const isOpen = (axis: number) => favour === 'memory' && axis === 2;
  const declared = (value: ValueInfoProto): ValueInfoProto => {
    const tensorType = value.type?.tensorType;
    if (!tensorType) return value;
    const shape = { dims: view.shape(value.name).map((size, axis) => (isOpen(axis) ? {} : { value: size })) };
    return { ...value, type: { tensorType: { ...tensorType, shape } } };
  };
  const initial = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.map((value) => (initial.has(value.name) ? value : declared(value)));
  return { ...model, graph: { ...graph, inputs, outputs: graph.outputs.map(declared), valueInfos: [] } };
}
