import { ModelFormatError } from '../model/model-format-error.ts';
import {
  NumpyDtype,
  Opaque,
  PickleGlobal,
  TorchStorage,
  TorchTensor,
  type PickleValue,
} from './pickle-values.ts';

/**
 * Counts what calls copy. A pickle can pass one long list to a million calls, so that without a limit a small
 * file could fill the memory. Throws ModelFormatError.
 */
export class CopyBudget {
  #left = 64 * 1024 * 1024;
  spend(elements: number): void {
    this.#left -= elements;
    if (this.#left < 0) throw new ModelFormatError('the checkpoint copies too much data');
  }
}

/** What REDUCE gives for a name: our own reading of the arguments, never the Python function. */
type Call = (args: readonly PickleValue[], budget: CopyBudget) => PickleValue;

const storageTypes = [
  ...['Float', 'Double', 'Half', 'BFloat16', 'Long', 'Int', 'Short', 'Char', 'Byte', 'Bool'],
].map((kind) => `torch.${kind}Storage`);

const torchDtypes = [
  ...['float32', 'float64', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'],
].map((kind) => `torch.${kind}`);

/**
 * What a torch checkpoint may name; everything else is refused. A name without a call may only be an argument.
 */
const allowed = new Map<string, Call | null>([
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', ([data]) => data ?? null],
  ['torch.Size', ([sizes]) => sizes ?? []],
  ['torch.device', ([kind]) => (typeof kind === 'string' ? kind : null)],
  ['collections.OrderedDict', orderedDict],
  ['collections.defaultdict', () => new Map()],
  ['builtins.set', ([items], budget) => new Set(listOf(items, budget))],
  ['__builtin__.set', ([items], budget) => new Set(listOf(items, budget))],
  ['_codecs.encode', encodeLatin1],
  ['numpy.dtype', ([code]) => new NumpyDtype(typeof code === 'string' ? code : '')],
  ['numpy.ndarray', null],
  ...['numpy.core.multiarray', 'numpy._core.multiarray'].flatMap((module): [string, Call][] => [
    [`${module}.scalar`, numpyScalar],
    [`${module}._reconstruct`, () => new Opaque('numpy.ndarray')],
  ]),
  ...[...storageTypes, ...torchDtypes].map((name): [string, null] => [name, null]),
]);

/** Throws ModelFormatError for a name that is not on the list. */
export function findGlobal(module: string, name: string): PickleGlobal {
  const full = `${module}.${name}`;
  if (!allowed.has(full))
    throw new ModelFormatError(`the checkpoint wants to use ${full}, which is not allowed in a model`);
  return new PickleGlobal(full);
}

/** What the allowed function makes of its arguments. Throws ModelFormatError. */
export function callGlobal(callee: PickleValue, args: PickleValue, budget: CopyBudget): PickleValue {
  if (!(callee instanceof PickleGlobal) || !Array.isArray(args))
    throw new ModelFormatError('the checkpoint calls something that is not a function');
  const call = allowed.get(callee.name);
  if (!call) throw new ModelFormatError(`the checkpoint calls ${callee.name}, which is not allowed`);
  return call(args, budget);
}

/** torch.save's persistent id: ('storage', type, key, location, elements). The location (`cuda:0`) is ignored. */
export function findStorage(id: PickleValue): TorchStorage {
  const [tag, type, key, , elements] = Array.isArray(id) ? (id as readonly PickleValue[]) : [];
  if (
    tag !== 'storage' ||
    !(type instanceof PickleGlobal) ||
    !storageTypes.includes(type.name) ||
    typeof key !== 'string' ||
    typeof elements !== 'number'
  )
    throw new ModelFormatError('the checkpoint refers to something other than a tensor storage');
  return new TorchStorage(key, type.name, elements);
}

/** _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks) (torch/_utils.py). */
function rebuildTensor([storage, offset, shape, strides]: readonly PickleValue[]): TorchTensor {
  const whole = (list: PickleValue | undefined): list is readonly number[] =>
    Array.isArray(list) &&
    list.length <= 8 &&
    list.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
  if (
    !(storage instanceof TorchStorage) ||
    !Number.isSafeInteger(offset) ||
    (offset as number) < 0 ||
    !whole(shape) ||
    !whole(strides) ||
    shape.length !== strides.length
  )
    throw new ModelFormatError('the checkpoint holds a tensor that cannot be');
  return new TorchTensor(storage, offset as number, shape, strides);
}

function listOf(items: PickleValue | undefined, budget: CopyBudget): readonly PickleValue[] {
  if (!Array.isArray(items)) return [];
  budget.spend(items.length);
  return items;
}

/** OrderedDict() or OrderedDict([[key, value], …]). */
function orderedDict([items]: readonly PickleValue[], budget: CopyBudget): PickleValue {
  const map = new Map<PickleValue, PickleValue>();
  for (const item of listOf(items, budget)) {
    const [key = null, value = null] = Array.isArray(item) ? (item as readonly PickleValue[]) : [];
    map.set(key, value);
  }
  return map;
}

/** Python 3 writes bytes into protocol 2 as `_codecs.encode(text, 'latin1')`. */
function encodeLatin1([text]: readonly PickleValue[], budget: CopyBudget): Uint8Array {
  if (typeof text !== 'string') throw new ModelFormatError('the checkpoint holds bytes that cannot be read');
  budget.spend(text.length);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** numpy scalar(dtype, bytes): a number of the training log or a setting. */
function numpyScalar([dtype, bytes]: readonly PickleValue[]): PickleValue {
  if (!(dtype instanceof NumpyDtype) || !(bytes instanceof Uint8Array)) return new Opaque('numpy.scalar');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = !dtype.bigEndian;
  const readers: Readonly<Record<string, [number, () => number]>> = {
    f4: [4, () => view.getFloat32(0, little)],
    f8: [8, () => view.getFloat64(0, little)],
    i1: [1, () => view.getInt8(0)],
    i2: [2, () => view.getInt16(0, little)],
    i4: [4, () => view.getInt32(0, little)],
    i8: [8, () => Number(view.getBigInt64(0, little))],
    u1: [1, () => view.getUint8(0)],
    u2: [2, () => view.getUint16(0, little)],
    u4: [4, () => view.getUint32(0, little)],
    u8: [8, () => Number(view.getBigUint64(0, little))],
    b1: [1, () => view.getUint8(0)],
  };
  const reader = readers[dtype.code];
  if (!reader || bytes.length !== reader[0]) return new Opaque(`numpy.${dtype.code}`);
  return reader[1]();
}
