import { operatorName } from './infer-shapes.ts';
import type { GraphProto, NodeProto } from './proto.ts';

/** Operators whose result is their input under another shape: no memory of its own. */
const views = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout']);

/** Operators that can write over an input that nothing needs afterwards (onnxruntime's kernels: MayInplace). */
const inPlace = new Set([
  ...[
    'Relu',
    'LeakyRelu',
    'Elu',
    'Selu',
    'Celu',
    'Sigmoid',
    'HardSigmoid',
    'Tanh',
    'Softplus',
    'Softsign',
    'Clip',
  ],
  ...['Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Floor', 'Ceil', 'Erf'],
  ...['Add', 'Sub', 'Mul', 'Div', 'Sum'],
]);

/** A stretch of memory that one or several values share, one after the other. */
interface Buffer {
  readonly bytes: number;
  readonly from: number;
  /** Index of the last node that needs it. */
  until: number;
}

export function isView(node: NodeProto): boolean {
  return views.has(operatorName(node));
}

/**
 * Bytes of activations in memory while each node runs, in the order of the file: inputs and outputs of the network
 * (which the caller holds), and every value from the node that makes it to the last one that reads it. Weights and
 * what a kernel needs for itself are not in it.
 *
 * @param bytesOf a value
 */
export function liveMemory(graph: GraphProto, bytesOf: (name: string) => number): number[] {
  const buffers = placeValues(graph, bytesOf);
  // Changes at each node, then summed up.
  const live = new Array<number>(graph.nodes.length + 1).fill(0);
  for (const { bytes, from, until } of buffers) {
    live[from] += bytes;
    if (until + 1 < live.length) live[until + 1] -= bytes;
  }
  for (let i = 1; i < live.length; i++) live[i] += live[i - 1];
  return live.slice(0, graph.nodes.length);
}

function placeValues(graph: GraphProto, bytesOf: (name: string) => number): readonly Buffer[] {
  const lastUse = lastUses(graph);
  const bufferOf = new Map<string, Buffer>();
  const buffers: Buffer[] = [];
  const place = (name: string, from: number, until: number) => {
    const buffer = { bytes: bytesOf(name), from, until };
    buffers.push(buffer);
    bufferOf.set(name, buffer);
  };
  const weights = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !weights.has(name)).map(({ name }) => name ?? '');
  for (const name of inputs) place(name, 0, graph.nodes.length);
  graph.nodes.forEach((node, i) => {
    if (operatorName(node) === 'Constant') return;
    for (const name of node.outputs.filter(Boolean)) {
      const until = lastUse.get(name) ?? i;
      const shared = name === node.outputs[0] ? sharedBuffer(node, i, bytesOf(name), bufferOf) : undefined;
      if (!shared) place(name, i, until);
      else {
        shared.until = Math.max(shared.until, until);
        bufferOf.set(name, shared);
      }
    }
  });
  return buffers;
}

/** The memory of an input that the node's first output takes over. */
function sharedBuffer(
  node: NodeProto,
  index: number,
  bytes: number,
  bufferOf: ReadonlyMap<string, Buffer>,
): Buffer | undefined {
  if (isView(node)) return bufferOf.get(node.inputs[0] ?? '');
  if (!inPlace.has(operatorName(node))) return undefined;
  const candidates = node.inputs.map((name) => bufferOf.get(name));
  return candidates.find((buffer) => buffer?.until === index && buffer.bytes === bytes);
}

/** Index of the last node that reads a value; past the end for what the network gives out. */
function lastUses({ nodes, outputs }: GraphProto): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  nodes.forEach((node, i) => {
    for (const name of node.inputs) last.set(name, i);
  });
  for (const { name } of outputs) last.set(name ?? '', nodes.length);
  return last;
}
