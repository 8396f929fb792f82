import { ModelFormatError } from '../model/model-format-error.ts';
import { bfloatToFloat, halfToFloat } from '../onnx/tensor-data.ts';
import { TorchTensor, type PickleValue } from './pickle-values.ts';
import { unpickle } from './unpickle.ts';

/** Random access to the entries of a zip; sizes are those that `read` will give. */
export interface ZipSource {
  readonly entries: readonly { readonly name: string; readonly sizeBytes: number }[];
  read(name: string): Promise<Uint8Array>;
}

/** A checkpoint as `nnUNetTrainer.save_checkpoint` writes it, without the optimizer's state. */
export interface Checkpoint {
  readonly trainerName: string;
  readonly configuration: string | null;
  /** Network axes that test-time mirroring may flip; null where the checkpoint does not allow any. */
  readonly mirrorAxes: readonly number[] | null;
  /** Every entry of the state dict, aliases included, in file order. */
  readonly weights: ReadonlyMap<string, TorchTensor>;
  /** Elements of a weight as float32, C order. Throws ModelFormatError. */
  load(tensor: TorchTensor): Promise<Float32Array<ArrayBuffer>>;
}

const maxPickleBytes = 64 * 1024 * 1024;
const maxTensorElements = 2 ** 29;

/**
 * Reads a torch zip checkpoint (torch.save since 1.6): `<name>/data.pkl` describes the tensors, `<name>/data/<key>`
 * holds their numbers. Nothing is executed, and only the storages that `load` is asked for are read.
 * Throws ModelFormatError.
 */
export async function readCheckpoint(zip: ZipSource): Promise<Checkpoint> {
  const pickle = zip.entries.find(({ name }) => name === 'data.pkl' || name.endsWith('/data.pkl'));
  if (!pickle) throw new ModelFormatError('the checkpoint is not a torch zip file (it has no data.pkl)');
  if (pickle.sizeBytes > maxPickleBytes)
    throw new ModelFormatError(
      `the checkpoint describes itself in ${pickle.sizeBytes} bytes, which is too much`,
    );
  const prefix = pickle.name.slice(0, -'data.pkl'.length);
  await checkByteOrder(zip, prefix);
  const root = unpickle(await zip.read(pickle.name));
  if (!(root instanceof Map)) throw new ModelFormatError('the checkpoint is not a dictionary');
  return {
    trainerName: trainerOf(root),
    configuration: configurationOf(root),
    mirrorAxes: mirrorAxesOf(root),
    weights: weightsOf(root),
    load: (tensor) => loadTensor(zip, prefix, tensor),
  };
}

async function checkByteOrder(zip: ZipSource, prefix: string): Promise<void> {
  const entry = zip.entries.find(({ name }) => name === `${prefix}byteorder`);
  if (!entry || entry.sizeBytes > 16) return;
  const order = new TextDecoder().decode(await zip.read(entry.name));
  if (order !== 'little') throw new ModelFormatError(`the checkpoint has the byte order "${order}"`);
}

type Dict = ReadonlyMap<PickleValue, PickleValue>;

function trainerOf(root: Dict): string {
  const name = root.get('trainer_name');
  if (typeof name !== 'string')
    throw new ModelFormatError('the checkpoint has no trainer_name: it was not written by nnU-Net');
  return name;
}

function configurationOf(root: Dict): string | null {
  const init = root.get('init_args');
  const name = init instanceof Map ? init.get('configuration') : null;
  return typeof name === 'string' ? name : null;
}

function mirrorAxesOf(root: Dict): readonly number[] | null {
  const axes = root.get('inference_allowed_mirroring_axes') ?? null;
  if (axes === null) return null;
  const valid = (list: PickleValue): list is readonly number[] =>
    Array.isArray(list) && list.length <= 3 && list.every((axis) => axis === 0 || axis === 1 || axis === 2);
  if (!valid(axes)) throw new ModelFormatError('the checkpoint allows mirroring on axes that do not exist');
  return axes;
}

function weightsOf(root: Dict): ReadonlyMap<string, TorchTensor> {
  const state = root.get('network_weights');
  if (!(state instanceof Map)) throw new ModelFormatError('the checkpoint has no network_weights');
  const weights = new Map<string, TorchTensor>();
  for (const [name, tensor] of state as Dict) {
    if (typeof name !== 'string' || !(tensor instanceof TorchTensor))
      throw new ModelFormatError('network_weights holds something that is not a named tensor');
    weights.set(withoutWrapper(name), tensor);
  }
  return weights;
}

/** Training on several GPUs or with torch.compile wraps the network and prefixes every name. */
function withoutWrapper(name: string): string {
  return name.replace(/^(?:module\.|_orig_mod\.)+/, '');
}

const bytesOf: Readonly<Record<string, number>> = {
  'torch.FloatStorage': 4,
  'torch.DoubleStorage': 8,
  'torch.HalfStorage': 2,
  'torch.BFloat16Storage': 2,
};

/** float32 in C order, whatever the type, offset and strides in the file. */
async function loadTensor(
  zip: ZipSource,
  prefix: string,
  tensor: TorchTensor,
): Promise<Float32Array<ArrayBuffer>> {
  const { storage, shape, strides, offset } = tensor;
  const width = bytesOf[storage.type];
  if (width === undefined) throw new ModelFormatError(`a weight is stored as ${storage.type}`);
  const count = shape.reduce((product, size) => product * size, 1);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), offset);
  if (count > maxTensorElements || (count > 0 && last >= storage.elements))
    throw new ModelFormatError(`a weight of ${shape.join(' × ')} does not fit its storage`);
  const name = `${prefix}data/${storage.key}`;
  const entry = zip.entries.find((candidate) => candidate.name === name);
  if (entry?.sizeBytes !== storage.elements * width)
    throw new ModelFormatError(
      entry
        ? `${name} has ${entry.sizeBytes} bytes instead of ${storage.elements * width}`
        : `${name} is missing`,
    );
  const bytes = await zip.read(name);
  return gather(toFloats(storage.type, ownBuffer(bytes)), tensor, count);
}

function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const whole = bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
  return whole ? bytes.buffer : new Uint8Array(bytes).buffer;
}

function toFloats(type: string, buffer: ArrayBuffer): Float32Array<ArrayBuffer> {
  if (type === 'torch.HalfStorage') return halfToFloat(new Uint16Array(buffer));
  if (type === 'torch.BFloat16Storage') return bfloatToFloat(new Uint16Array(buffer));
  if (type === 'torch.DoubleStorage') return Float32Array.from(new Float64Array(buffer));
  return new Float32Array(buffer);
}

function gather(
  all: Float32Array<ArrayBuffer>,
  { offset, shape, strides }: TorchTensor,
  count: number,
): Float32Array<ArrayBuffer> {
  if (isContiguous(shape, strides)) return all.subarray(offset, offset + count);
  const out = new Float32Array(count);
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    out[i] = all[at] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis] ?? 0;
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break;
      at -= (strides[axis] ?? 0) * (shape[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return out;
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}
