import type { AppError } from '../../../main/contract/app-error.ts';
import { findParts, partAt, smallerParts } from '../../../main/core/volume/find-parts.ts';
import { labelSurface } from '../../../main/core/surface/label-surface.ts';
import { vertexNormals } from '../../../main/core/surface/mesh.ts';
import { voxelCount, type Grid, type Vec3 } from '../../../main/core/volume/volume.ts';
import { boxesOfLabels, type LabelBoxes } from './label-boxes.ts';
import type { FromLabelWorker, LabelAnswers, ToLabelWorker } from './worker-messages.ts';

/** Holds one labelmap beside the window's thread, and does what would hold that up. */
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<ToLabelWorker>) => void) | null;
  postMessage: (message: FromLabelWorker, transfer: Transferable[]) => void;
};

class Refused extends Error {
  readonly error: AppError;
  constructor(error: AppError) {
    super(error.code);
    this.error = error;
  }
}

let labels = new Uint8Array(0);
let grid: Grid | null = null;
let boxes: LabelBoxes = new Map();

// One after the other, in the order in which they were asked: a change comes before what is asked of it.
let last: Promise<void> = Promise.resolve();
scope.onmessage = ({ data }) => {
  last = last.then(() => reply(data));
};

async function reply(message: ToLabelWorker): Promise<void> {
  const { id } = message;
  try {
    const { answer, transfer = [] } = await answerOf(message);
    scope.postMessage({ id, ok: true, answer }, transfer);
  } catch (error) {
    scope.postMessage({ id, ok: false, error: error instanceof Refused ? error.error : String(error) }, []);
  }
}

interface Reply {
  readonly answer: LabelAnswers[keyof LabelAnswers];
  readonly transfer?: Transferable[];
}

async function answerOf(message: ToLabelWorker): Promise<Reply> {
  switch (message.kind) {
    case 'load':
      return load(message.url, message.grid);
    case 'change':
      change(message.indices, message.values);
      return { answer: null };
    case 'surface':
      return surface(message.value, message.triangles);
    case 'smaller-parts':
      return partsOf(message.value);
    case 'part':
      return partOf(message.value, message.voxelZyx);
    case 'save':
      return { answer: await save(message.url) };
  }
}

async function load(url: string, of: Grid): Promise<Reply> {
  const response = await fetch(url, { headers: { Range: 'bytes=0-' } });
  await check(response);
  const inflated = response.body!.pipeThrough(new DecompressionStream('gzip'));
  const all = new Uint8Array(voxelCount(of.shapeZyx));
  let length = 0;
  const reader = inflated.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (length + value.length > all.length) throw new Error('more labels than voxels');
    all.set(value, length);
    length += value.length;
  }
  if (length !== all.length) throw new Error(`${length} labels for ${all.length} voxels`);
  labels = all;
  grid = of;
  boxes = boxesOfLabels(labels, of.shapeZyx);
  const copy = labels.slice();
  return { answer: { labels: copy }, transfer: [copy.buffer] };
}

function change(indices: Uint32Array, values: Uint8Array): void {
  const [, rows, columns] = grid!.shapeZyx;
  for (let i = 0; i < indices.length; i++) {
    const at = indices[i]!;
    labels[at] = values[i]!;
    const z = Math.floor(at / (rows * columns));
    const rest = at - z * rows * columns;
    boxes.get(values[i]!)?.add(z, Math.floor(rest / columns), rest % columns);
  }
  // A label that had no voxel before.
  if (values.some((value) => value !== 0 && !boxes.has(value))) boxes = boxesOfLabels(labels, grid!.shapeZyx);
}

function surface(value: number, triangles: number): Reply {
  const box = boxes.get(value)?.box();
  if (!box) return { answer: null };
  const mesh = labelSurface({ labels, grid: grid! }, value, box, { triangles });
  if (mesh.triangles.length === 0) return { answer: null };
  const answer = {
    positions: mesh.positions as Float32Array<ArrayBuffer>,
    normals: vertexNormals(mesh) as Float32Array<ArrayBuffer>,
    triangles: mesh.triangles as Uint32Array<ArrayBuffer>,
  };
  return { answer, transfer: [answer.positions.buffer, answer.normals.buffer, answer.triangles.buffer] };
}

function partsOf(value: number): Reply {
  const box = boxes.get(value)?.box();
  if (!box) return { answer: { indices: new Uint32Array(0), parts: 0 } };
  const parts = findParts(labels, grid!.shapeZyx, value, box);
  const indices = smallerParts(parts, grid!.shapeZyx) as Uint32Array<ArrayBuffer>;
  return { answer: { indices, parts: parts.sizes.length }, transfer: [indices.buffer] };
}

function partOf(value: number, voxelZyx: Vec3): Reply {
  const box = boxes.get(value)?.box();
  const { shapeZyx } = grid!;
  const indices = box
    ? partAt(findParts(labels, shapeZyx, value, box), shapeZyx, voxelZyx)
    : new Uint32Array(0);
  return { answer: { indices: indices as Uint32Array<ArrayBuffer> }, transfer: [indices.buffer] };
}

async function save(url: string): Promise<LabelAnswers['save']> {
  const gzip = new Blob([labels]).stream().pipeThrough(new CompressionStream('gzip'));
  const body = await new Response(gzip).arrayBuffer();
  const response = await fetch(url, { method: 'PUT', body });
  await check(response);
  return (await response.json()) as LabelAnswers['save'];
}

async function check(response: Response): Promise<void> {
  if (response.ok) return;
  // Expected failures come as JSON (main/ipc/failure-response.ts).
  if (response.status === 404 || response.status === 422)
    throw new Refused((await response.json()) as AppError);
  throw new Error(`${response.url} answered ${response.status}`);
}
