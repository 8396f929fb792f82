import { crc32 } from 'node:zlib';

const headerBytes = 10;
const trailerBytes = 8;

/**
 * The gzip file (RFC 1952) of `prefix` followed by `bytes`, made of the gzip file `gzipped` of `bytes` without compressing
 * them again: `prefix` goes in front as a stored block (RFC 1951 section 3.2.4). One member, which all readers take,
 * unlike two in a row. As pieces to be written one after the other.
 *
 * @param prefix at most 65535 bytes
 * @param gzipped as zlib writes it: one member, whose header names no file and no extras
 */
export function prefixGzip(prefix: Uint8Array, gzipped: Uint8Array, bytes: Uint8Array): Uint8Array[] {
  if (gzipped[3] !== 0) throw new Error('the gzip file has more in its header than zlib writes');
  const stored = new Uint8Array(5);
  const block = new DataView(stored.buffer);
  // stored[0] is 0: not the last block, and stored.
  block.setUint16(1, prefix.length, true);
  block.setUint16(3, ~prefix.length & 0xffff, true);
  const trailer = new DataView(new ArrayBuffer(trailerBytes));
  trailer.setUint32(0, crc32(bytes, crc32(prefix)), true);
  trailer.setUint32(4, (prefix.length + bytes.length) % 2 ** 32, true);
  return [
    gzipped.subarray(0, headerBytes),
    stored,
    prefix,
    gzipped.subarray(headerBytes, -trailerBytes),
    new Uint8Array(trailer.buffer),
  ];
}
