import { ByteSink } from './byte-sink.ts';
import { dataDictionary } from './data-dictionary.ts';
import type { Keyword } from './data-dictionary.ts';
import { EncodedItem } from './data-set.ts';
import type { DataSet } from './data-set.ts';
import { encodeValue } from './encode-value.ts';

/** VRs whose explicit form has two reserved bytes and a 32-bit length (PS3.5 section 7.1.2). */
const longForm = new Set(['OB', 'OW', 'SQ']);

const itemTag = 0xfffee000;

/** Encodes a data set as Explicit VR Little Endian (PS3.5 annex A.2), sequences with defined lengths. */
export function encodeDataSet(dataSet: DataSet): Uint8Array {
  const sink = new ByteSink();
  appendDataSet(sink, dataSet);
  return sink.take();
}

function appendDataSet(sink: ByteSink, dataSet: DataSet): void {
  const keywords = (Object.keys(dataSet) as Keyword[])
    .filter((keyword) => dataSet[keyword] !== undefined)
    .sort((a, b) => dataDictionary[a][0] - dataDictionary[b][0]);
  for (const keyword of keywords) {
    const [tag, vr] = dataDictionary[keyword];
    const value = dataSet[keyword]!;
    if (vr === 'SQ') {
      appendSequence(sink, tag, value as readonly (DataSet | EncodedItem)[]);
      continue;
    }
    const bytes = encodeValue(vr, value as string);
    appendElementHeader(sink, tag, vr, bytes.length);
    sink.bytes(bytes);
  }
}

/** Tag, VR and length of an element; its value is to follow. */
export function appendElementHeader(sink: ByteSink, tag: number, vr: string, length: number): void {
  appendTag(sink, tag);
  sink.uint16(vr.charCodeAt(0) | (vr.charCodeAt(1) << 8));
  if (longForm.has(vr)) {
    sink.uint16(0);
    sink.uint32(length);
  } else {
    sink.uint16(length);
  }
}

function appendSequence(sink: ByteSink, tag: number, items: readonly (DataSet | EncodedItem)[]): void {
  appendElementHeader(sink, tag, 'SQ', 0);
  const start = sink.length;
  for (const item of items) {
    appendTag(sink, itemTag);
    sink.uint32(0);
    const itemStart = sink.length;
    if (item instanceof EncodedItem) sink.bytes(item.bytes);
    else appendDataSet(sink, item);
    sink.patchUint32(itemStart - 4, sink.length - itemStart);
  }
  sink.patchUint32(start - 4, sink.length - start);
}

function appendTag(sink: ByteSink, tag: number): void {
  sink.uint16(tag >>> 16);
  sink.uint16(tag & 0xffff);
}
