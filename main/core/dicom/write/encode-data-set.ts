import { ByteSink } from './byte-sink.ts';
import { dataDictionary } from './data-dictionary.ts';
import type { Keyword } from './data-dictionary.ts';
import { EncodedItem } from './data-set.ts';
import type { DataSet } from './data-set.ts';
import { DicomWriteError } from './dicom-write-error.ts';
import { encodeValue } from './encode-value.ts';

/** VRs whose explicit form has two reserved bytes and a 32-bit length (PS3.5 section 7.1.2). */
const longForm = new Set(['OB', 'OW', 'SQ']);

const itemTag = 0xfffee000;

/** Whether an element says its value representation; implicit ones have a 32-bit length, whatever they hold. */
export type VrEncoding = 'explicit' | 'implicit';

/** Encodes a data set as Explicit or Implicit VR Little Endian (PS3.5 annexes A.2 and A.1), sequences with defined lengths. */
export function encodeDataSet(dataSet: DataSet, encoding: VrEncoding = 'explicit'): Uint8Array {
  const sink = new ByteSink();
  appendDataSet(sink, dataSet, encoding);
  return sink.take();
}

function appendDataSet(sink: ByteSink, dataSet: DataSet, encoding: VrEncoding): void {
  const keywords = (Object.keys(dataSet) as Keyword[])
    .filter((keyword) => dataSet[keyword] !== undefined)
    .sort((a, b) => dataDictionary[a][0] - dataDictionary[b][0]);
  for (const keyword of keywords) {
    const [tag, vr] = dataDictionary[keyword];
    const value = dataSet[keyword]!;
    if (vr === 'SQ') {
      appendSequence(sink, tag, value as readonly (DataSet | EncodedItem)[], encoding);
      continue;
    }
    const bytes = encodeValue(vr, value as string);
    appendElementHeader(sink, tag, vr, bytes.length, encoding);
    sink.bytes(bytes);
  }
}

/** Tag, VR and length of an element; its value is to follow. Throws DicomWriteError where the length does not fit its field. */
export function appendElementHeader(
  sink: ByteSink,
  tag: number,
  vr: string,
  length: number,
  encoding: VrEncoding = 'explicit',
): void {
  appendTag(sink, tag);
  if (encoding === 'implicit') return sink.uint32(length);
  if (!longForm.has(vr) && length > 0xffff)
    throw new DicomWriteError(`${length} bytes are more than a ${vr} holds`);
  sink.uint16(vr.charCodeAt(0) | (vr.charCodeAt(1) << 8));
  if (longForm.has(vr)) {
    sink.uint16(0);
    sink.uint32(length);
  } else {
    sink.uint16(length);
  }
}

function appendSequence(
  sink: ByteSink,
  tag: number,
  items: readonly (DataSet | EncodedItem)[],
  encoding: VrEncoding,
): void {
  appendElementHeader(sink, tag, 'SQ', 0, encoding);
  const start = sink.length;
  for (const item of items) {
    appendTag(sink, itemTag);
    sink.uint32(0);
    const itemStart = sink.length;
    if (item instanceof EncodedItem) sink.bytes(item.bytes);
    else appendDataSet(sink, item, encoding);
    sink.patchUint32(itemStart - 4, sink.length - itemStart);
  }
  sink.patchUint32(start - 4, sink.length - start);
}

function appendTag(sink: ByteSink, tag: number): void {
  sink.uint16(tag >>> 16);
  sink.uint16(tag & 0xffff);
}
