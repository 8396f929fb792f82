import { Inflate } from 'fflate';

/**
 * Inflates as much of a raw deflate stream (RFC 1951) as its first bytes hold, and stops once `maxBytes` are there: a
 * few kilobytes can claim gigabytes. `complete` says that the stream ended. Damage ends the prefix like a cut does.
 */
export function inflatePrefix(
  deflated: Uint8Array,
  maxBytes: number,
): { bytes: Uint8Array; complete: boolean } {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let complete = false;
  const inflate = new Inflate((chunk, final) => {
    // fflate reuses its window; the chunk is only good during this call.
    chunks.push(chunk.slice());
    length += chunk.length;
    complete = final;
  });
  // Small steps, so that one of them cannot inflate to much more than the bound (the ratio is at most 1032).
  const step = 1 << 12;
  try {
    for (let at = 0; at < deflated.length && length < maxBytes && !complete; at += step) {
      inflate.push(deflated.subarray(at, at + step), false);
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
