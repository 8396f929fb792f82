import type { dataDictionary, Keyword, Vr } from './data-dictionary.ts';

/** What a value representation holds in a `DataSet` (PS3.5 section 6.2); several values are an array. */
type ValueOf<V extends Vr> = V extends 'SQ'
  ? readonly (DataSet | EncodedItem)[]
  : V extends 'OB' | 'OW'
    ? Uint8Array
    : V extends 'US' | 'UL' | 'AT' | 'DS' | 'IS'
      ? number | readonly number[]
      : string | readonly string[];

/**
 * A DICOM data set by keyword. The order of the keys does not matter: elements are written by tag. An empty string
 * or array is an element without a value (type 2); an absent key is an absent element.
 */
export type DataSet = {
  readonly [K in Keyword]?: ValueOf<(typeof dataDictionary)[K][1]> | undefined;
};

/** The elements of a sequence item, already encoded: per-frame items by the ten thousand need not stay objects. */
export class EncodedItem {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}
