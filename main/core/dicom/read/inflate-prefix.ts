import { Inflate } from 'fflate';

/**
 * Inflates as much of a raw deflate stream (RFC 1951) as its first bytes hold, and stops once `maxBytes` are there: a
 * few kilobytes can claim gigabytes. `isWhole` says that the stream ends with these bytes, `complete` that it was inflated
 * to its end. Damage ends the prefix like a cut does.
 */
export function inflatePrefix(
  deflated: Uint8Array,
  isWhole: boolean,
  maxBytes: number,
): { bytes: Uint8Array; complete: boolean } {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const inflate = new Inflate((chunk) => {
    chunks.push(chunk);
    length += chunk.length;
  });
  // Small steps, so that none of them inflates to much more than the bound: at most 1032 times as much.
  const step = 512;
  let complete = false;
  try {
    for (let at = 0; at < deflated.length && length < maxBytes; at += step) {
      const isLast = isWhole && at + step >= deflated.length;
      inflate.push(deflated.subarray(at, at + step), isLast);
      complete = isLast;
    }
  } catch {
    complete = false;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, complete };
}
