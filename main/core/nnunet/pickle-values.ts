/**
 * What a pickle of a torch checkpoint can hold, as plain data. None of it is ever called: a "global" is a name.
 * Python dicts become Maps, lists and tuples arrays, sets Sets, bytes Uint8Arrays, None null.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | ReadonlyMap<PickleValue, PickleValue>
  | ReadonlySet<PickleValue>
  | PickleGlobal
  | NumpyDtype
  | TorchStorage
  | TorchTensor
  | Opaque;

/** A class or function that was named and is on the list of those allowed. */
export class PickleGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A value that is allowed in a checkpoint and that nothing here needs: a numpy array in the training log. */
export class Opaque {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** numpy.dtype by its code, such as `f8`; `bigEndian` comes from its state. */
export class NumpyDtype {
  readonly code: string;
  bigEndian = false;
  constructor(code: string) {
    this.code = code;
  }
}

/** A run of numbers in an entry of the zip: `data/<key>`. */
export class TorchStorage {
  readonly key: string;
  readonly type: string;
  readonly elements: number;
  constructor(key: string, type: string, elements: number) {
    this.key = key;
    this.type = type;
    this.elements = elements;
  }
}

/** A view of a storage; offset and strides in elements. */
export class TorchTensor {
  readonly storage: TorchStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  constructor(storage: TorchStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}
