import { makeAttribute } from '../../onnx/build-graph.ts';
import { operatorName } from '../../onnx/infer-shapes.ts';
import type { NodeProto } from '../../onnx/proto.ts';
import type { Edit } from './apply-edit.ts';
import { isPointwiseNode } from './convolution.ts';
import { EditBuilder } from './edit-builder.ts';
import type { GraphView } from './graph-view.ts';
import { uncut } from './uncut.ts';

/**
 * Runs what acts on single voxels (1×1×1 convolutions, activations, sums) slab by slab along the first axis of space:
 * expansion → activation → reduction, and the sum of two such. Slabs of these need no margin. The wide value between
 * exists only as one slab that fits the cache; it is neither written to memory nor held there, where it would be the
 * largest of all. A wide value that two stages of the network reduce is expanded for each of them, which is less work
 * than keeping it.
 *
 * @param slabBytes most bytes of the widest value in one slab
 */
export function runInSlabs(view: GraphView, slabBytes: number): Edit | null {
  const { nodes } = view.model.graph;
  const slabs = nodes
    .filter((node) => isVoxelwise(view, node) && !isInside(view, node.outputs[0]))
    .map((root) => inSlabs(view, root, regionOf(view, root), slabBytes))
    .filter((made) => made !== null);
  if (slabs.length === 0) return null;
  const remove = new Set(slabs.map(({ root }) => root));
  const inRegion = new Set(slabs.flatMap(({ region }) => region));
  const cut = nodes.filter((node) => uncut(view, node.outputs[0] ?? '') !== node.outputs[0]);
  for (const node of cut) inRegion.add(node);
  // Backwards: what a region made for itself goes where nothing that stays uses it.
  for (const node of nodes.toReversed()) {
    if (
      inRegion.has(node) &&
      view.consumers(node.outputs[0]).every((user) => remove.has(user)) &&
      !view.isOutput(node.outputs[0])
    )
      remove.add(node);
  }
  return {
    remove: [...remove],
    add: slabs.flatMap(({ add }) => add),
    initializers: slabs.flatMap(({ initializers }) => initializers),
  };
}

const activations = ['LeakyRelu', 'Relu', 'Elu', 'Sigmoid', 'Tanh'];

function isVoxelwise(view: GraphView, node: NodeProto | undefined): node is NodeProto {
  if (!node) return false;
  const operator = operatorName(node);
  if (operator === 'Add') {
    const [a, b] = node.inputs.map((name) => view.shape(name));
    return (a?.length ?? 0) > 3 && a?.join() === b?.join();
  }
  return activations.includes(operator) ? view.shape(node.inputs[0]).length > 3 : isPointwiseNode(view, node);
}

/** Inputs that have voxels: all of a sum, the first of a convolution, whose others are weights. */
function voxelInputs(node: NodeProto): readonly string[] {
  return operatorName(node) === 'Add' ? node.inputs : node.inputs.slice(0, 1);
}

/** Whether a value need not exist as a whole, since only voxelwise nodes use it. */
function isInside(view: GraphView, name: string | undefined): boolean {
  const producer = view.producer(name);
  if (!isVoxelwise(view, producer) || view.isOutput(name)) return false;
  const users = view.consumers(name);
  if (!users.every((user) => isVoxelwise(view, user) && voxelInputs(user).includes(name ?? ''))) return false;
  return users.length === 1 || isCheap(view, producer);
}

/** An activated expansion is made again for each of its users; anything that took more work is kept. */
function isCheap(view: GraphView, node: NodeProto): boolean {
  const [input] = node.inputs;
  const expansion = view.producer(input);
  return (
    activations.includes(operatorName(node)) &&
    view.soleConsumer(input) === node &&
    expansion !== undefined &&
    isPointwiseNode(view, expansion) &&
    !isInside(view, expansion.inputs[0])
  );
}

/** The root and what it is made of, in the order in which they run. */
function regionOf(view: GraphView, root: NodeProto): NodeProto[] {
  const nodes: NodeProto[] = [];
  const visit = (node: NodeProto): void => {
    if (nodes.includes(node)) return;
    for (const name of voxelInputs(node)) {
      const producer = view.producer(name);
      if (producer && isInside(view, name)) visit(producer);
    }
    nodes.push(node);
  };
  visit(root);
  return nodes;
}

interface Slabs extends Pick<Edit, 'add' | 'initializers'> {
  readonly root: NodeProto;
  readonly region: readonly NodeProto[];
}

/** Null where one slab is enough, or where what is wide must exist as a whole in the end. */
function inSlabs(
  view: GraphView,
  root: NodeProto,
  region: readonly NodeProto[],
  slabBytes: number,
): Slabs | null {
  const [output = ''] = root.outputs;
  const [batch, channels = 0, depth = 0, ...plane] = view.shape(output);
  const widest = Math.max(...region.map((node) => view.shape(node.outputs[0])[1] ?? 0));
  if (batch !== 1 || widest <= channels) return null;
  const bytes = 4 * widest * depth * product(plane);
  const count = Math.min(depth, Math.ceil(bytes / slabBytes));
  if (count < 2) return null;

  const build = new EditBuilder(view, output);
  const edges = Array.from({ length: count + 1 }, (_, i) => Math.round((i * depth) / count));
  const slabs = edges.slice(1).map((to, i) => {
    const slab = new Slab(view, build, region, [edges[i] ?? 0, to], i < count - 1);
    return slab.run(output);
  });
  build.node('Concat', slabs, 'joined', { axis: 2 }, output);
  return { root, region, ...build.edit([]) };
}

/** One slab of a region. */
class Slab {
  readonly #view: GraphView;
  readonly #build: EditBuilder;
  readonly #region: readonly NodeProto[];
  readonly #range: readonly [number, number];
  readonly #isDeclared: boolean;
  /** Values of the graph and what stands for them in this slab. */
  readonly #names = new Map<string, string>();

  /**
   * @param isDeclared onnxruntime is told the slab's size, also where it knows no whole value's (`FoldOptions.favour`):
   *   then it runs slabs of one size in the same buffers, which stay in the cache. Not all slabs may be so, or the size
   *   of what they are joined to would follow.
   */
  constructor(
    view: GraphView,
    build: EditBuilder,
    region: readonly NodeProto[],
    range: readonly [number, number],
    isDeclared: boolean,
  ) {
    this.#view = view;
    this.#build = build;
    this.#region = region;
    this.#range = range;
    this.#isDeclared = isDeclared;
  }

  /** Runs the region; gives the name of the slab of its output. */
  run(output: string): string {
    for (const node of this.#region) {
      const voxels = voxelInputs(node).length;
      const inputs = node.inputs.map((name, at) => (at < voxels ? this.#part(name) : name));
      const made = this.#build.name('slab');
      this.#names.set(node.outputs[0] ?? '', made);
      this.#build.push({ ...this.#threaded(node), name: made, inputs, outputs: [made] });
    }
    const made = this.#names.get(output) ?? '';
    if (!this.#isFlat(output)) return made;
    const [, channels = 0, , ...plane] = this.#view.shape(output);
    return this.#build.reshape(made, 'slab', [1, channels, -1, ...plane]);
  }

  #part(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    let part = this.#build.slice(uncut(this.#view, name), 'slab', this.#range, 2);
    if (this.#isFlat(name)) {
      const [, channels = 0, , height = 0, width = 0] = this.#view.shape(name);
      const rows = this.#isDeclared ? this.#thickness() * height : -1;
      part = this.#build.reshape(part, 'slab', [1, channels, 1, rows, width]);
    }
    this.#names.set(name, part);
    return part;
  }

  #thickness(): number {
    return this.#range[1] - this.#range[0];
  }

  #isFlat(name: string): boolean {
    return this.#view.shape(name).length === 5;
  }

  /**
   * onnxruntime adds the bias of a plain 1×1×1 convolution and activates its result on one thread, after the product.
   * With any stride it does all of that piece by piece on every thread. So a slab of volume lies flat, one voxel
   * thick, and the expansion strides along that axis, where there is nowhere to go.
   */
  #threaded(node: NodeProto): NodeProto {
    const [output = ''] = node.outputs;
    const activated = this.#view.consumers(output).some((user) => activations.includes(operatorName(user)));
    if (!activated || operatorName(node) !== 'Conv' || !this.#isFlat(output)) return node;
    const others = node.attributes.filter(({ name }) => name !== 'strides');
    return { ...node, attributes: [...others, makeAttribute('strides', [2, 1, 1])] };
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
