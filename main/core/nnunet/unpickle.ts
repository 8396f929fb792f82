import { ModelFormatError } from '../model/model-format-error.ts';
import { callGlobal, CopyBudget, findGlobal, findStorage } from './pickle-globals.ts';
import { NumpyDtype, Opaque, PickleGlobal, type PickleValue } from './pickle-values.ts';

/**
 * Reads a pickle (Python's pickletools.py describes the opcodes; protocols 2 to 5) into plain values. It is a
 * machine with a stack and a memo, and it executes nothing: a name that is not on the list of pickle-globals.ts
 * ends it. Every opcode makes at most one object, so memory is bounded by the length of the pickle.
 * Throws ModelFormatError.
 */
export function unpickle(bytes: Uint8Array): PickleValue {
  return new Unpickler(bytes).run();
}

const mark = Symbol('mark');
type Item = PickleValue | typeof mark;

const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;
  readonly #stack: Item[] = [];
  readonly #memo = new Map<number, PickleValue>();
  readonly #budget = new CopyBudget();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    for (;;) {
      const opcode = this.#uint8();
      if (opcode === 0x2e) return this.#pop(); // STOP
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    const push = (value: PickleValue) => this.#stack.push(value);
    switch (opcode) {
      case 0x80: // PROTO
        return this.#checkProtocol(this.#uint8());
      case 0x95: // FRAME
        return void this.#take(8);
      case 0x28: // MARK
        return void this.#stack.push(mark);
      case 0x30: // POP
        return void this.#stack.pop();
      case 0x31: // POP_MARK
        return void this.#popToMark();
      case 0x32: // DUP
        return void push(this.#top());
      // Constants
      case 0x4e: // NONE
        return void push(null);
      case 0x88: // NEWTRUE
        return void push(true);
      case 0x89: // NEWFALSE
        return void push(false);
      case 0x4b: // BININT1
        return void push(this.#uint8());
      case 0x4d: // BININT2
        return void push(this.#read(2, (at) => this.#view.getUint16(at, true)));
      case 0x4a: // BININT
        return void push(this.#read(4, (at) => this.#view.getInt32(at, true)));
      case 0x8a: // LONG1
        return void push(long(this.#take(this.#uint8())));
      case 0x8b: // LONG4
        return void push(long(this.#take(this.#uint32())));
      case 0x47: // BINFLOAT
        return void push(this.#read(8, (at) => this.#view.getFloat64(at, false)));
      case 0x8c: // SHORT_BINUNICODE
        return void push(this.#text(this.#uint8()));
      case 0x58: // BINUNICODE
        return void push(this.#text(this.#uint32()));
      case 0x8d: // BINUNICODE8
        return void push(this.#text(this.#uint64()));
      case 0x55: // SHORT_BINSTRING
        return void push(latin1.decode(this.#take(this.#uint8())));
      case 0x54: // BINSTRING
        return void push(latin1.decode(this.#take(this.#uint32())));
      case 0x43: // SHORT_BINBYTES
        return void push(this.#take(this.#uint8()));
      case 0x42: // BINBYTES
        return void push(this.#take(this.#uint32()));
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return void push(this.#take(this.#uint64()));
      default:
        return this.#stepContainer(opcode);
    }
  }

  #stepContainer(opcode: number): void {
    const push = (value: PickleValue) => this.#stack.push(value);
    switch (opcode) {
      case 0x7d: // EMPTY_DICT
        return void push(new Map());
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return void push([]);
      case 0x8f: // EMPTY_SET
        return void push(new Set());
      case 0x74: // TUPLE
      case 0x6c: // LIST
        return void push(this.#popToMark());
      case 0x91: // FROZENSET
        return void push(new Set(this.#popToMark()));
      case 0x85: // TUPLE1
        return void push([this.#pop()]);
      case 0x86: // TUPLE2
        return void push(this.#popMany(2));
      case 0x87: // TUPLE3
        return void push(this.#popMany(3));
      case 0x64: // DICT
        return void push(fill(this.#popToMark(), new Map()));
      case 0x61: // APPEND
        return append(this.#popMany(1), this.#top());
      case 0x65: // APPENDS
        return append(this.#popToMark(), this.#top());
      case 0x73: // SETITEM
        return void fill(this.#popMany(2), this.#top());
      case 0x75: // SETITEMS
        return void fill(this.#popToMark(), this.#top());
      case 0x90: // ADDITEMS
        return addAll(this.#popToMark(), this.#top());
      default:
        return this.#stepObject(opcode);
    }
  }

  #stepObject(opcode: number): void {
    switch (opcode) {
      case 0x71: // BINPUT
        return void this.#memo.set(this.#uint8(), this.#top());
      case 0x72: // LONG_BINPUT
        return void this.#memo.set(this.#uint32(), this.#top());
      case 0x94: // MEMOIZE
        return void this.#memo.set(this.#memo.size, this.#top());
      case 0x68: // BINGET
        return this.#recall(this.#uint8());
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#uint32());
      case 0x63: // GLOBAL
        return void this.#stack.push(findGlobal(this.#line(), this.#line()));
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#popMany(2);
        return void this.#stack.push(findGlobal(nameOf(module), nameOf(name)));
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callee = null, args = null] = this.#popMany(2);
        return void this.#stack.push(callGlobal(callee, args, this.#budget));
      }
      case 0x51: // BINPERSID
        return void this.#stack.push(findStorage(this.#pop()));
      case 0x62: // BUILD
        return build(this.#pop(), this.#top());
      default:
        throw new ModelFormatError(
          `the checkpoint uses the pickle opcode 0x${opcode.toString(16)}, which a model does not need`,
        );
    }
  }

  #checkProtocol(protocol: number): void {
    if (protocol < 2 || protocol > 5)
      throw new ModelFormatError(`the checkpoint is pickled with protocol ${protocol}`);
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new ModelFormatError('the checkpoint refers to a value that it lacks');
    this.#stack.push(value);
  }

  #top(): PickleValue {
    const top = this.#stack.at(-1);
    if (top === undefined || top === mark) throw damaged();
    return top;
  }

  #pop(): PickleValue {
    const top = this.#top();
    this.#stack.pop();
    return top;
  }

  #popMany(count: number): PickleValue[] {
    const from = this.#stack.length - count;
    if (from < 0) throw damaged();
    const items = this.#stack.splice(from);
    if (items.includes(mark)) throw damaged();
    return items as PickleValue[];
  }

  #popToMark(): PickleValue[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw damaged();
    return this.#stack.splice(at).slice(1) as PickleValue[];
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#offset) throw damaged();
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  #read(length: number, get: (at: number) => number): number {
    this.#take(length);
    return get(this.#offset - length);
  }

  #uint8(): number {
    return this.#read(1, (at) => this.#view.getUint8(at));
  }

  #uint32(): number {
    return this.#read(4, (at) => this.#view.getUint32(at, true));
  }

  #uint64(): number {
    return this.#read(8, (at) => Number(this.#view.getBigUint64(at, true)));
  }

  #text(length: number): string {
    try {
      return utf8.decode(this.#take(length));
    } catch {
      throw damaged();
    }
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#offset);
    if (end < 0) throw damaged();
    const line = latin1.decode(this.#bytes.subarray(this.#offset, end));
    this.#offset = end + 1;
    return line;
  }
}

function damaged(): ModelFormatError {
  return new ModelFormatError('the checkpoint is damaged or cut off');
}

function nameOf(value: PickleValue | undefined): string {
  if (typeof value !== 'string') throw damaged();
  return value;
}

/** A little-endian two's complement number; Python's are unbounded, those of a checkpoint fit 64 bits. */
function long(bytes: Uint8Array): number | bigint {
  if (bytes.length > 16) throw new ModelFormatError('the checkpoint holds a number that is too large');
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  const signed = BigInt.asIntN(bytes.length * 8, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}

function fill(items: readonly PickleValue[], target: PickleValue): PickleValue {
  if (!(target instanceof Map) || items.length % 2 !== 0) throw damaged();
  for (let i = 0; i < items.length; i += 2) target.set(items[i] ?? null, items[i + 1] ?? null);
  return target;
}

function append(items: readonly PickleValue[], target: PickleValue): void {
  if (!Array.isArray(target)) throw damaged();
  for (const item of items) (target as PickleValue[]).push(item);
}

function addAll(items: readonly PickleValue[], target: PickleValue): void {
  if (!(target instanceof Set)) throw damaged();
  for (const item of items) target.add(item);
}

/** BUILD sets an object's state: a dtype's byte order; what an OrderedDict or an array of the log has is not used. */
function build(state: PickleValue, target: PickleValue): void {
  if (target instanceof NumpyDtype) {
    target.bigEndian = Array.isArray(state) && state[1] === '>';
  } else if (!(target instanceof Map || target instanceof Opaque)) {
    const what = target instanceof PickleGlobal ? target.name : typeof target;
    throw new ModelFormatError(`the checkpoint sets the state of ${what}, which is not allowed`);
  }
}
