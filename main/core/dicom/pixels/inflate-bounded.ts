import { Inflate } from 'fflate';
import { PixelDataError } from './pixel-data-error.ts';

/**
 * Inflates raw deflate data (RFC 1951), giving up as soon as it grows past `maxBytes`: a few kilobytes can claim
 * gigabytes. Throws PixelDataError.
 */
export function inflateBounded(deflated: Uint8Array, maxBytes: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  const inflate = new Inflate((chunk, final) => {
    length += chunk.length;
    if (length > maxBytes) throw new PixelDataError(`deflated data grows past ${maxBytes} bytes`);
    chunks.push(chunk);
    ended = final;
  });
  // Small pushes, so that no single one can inflate to much more than the bound.
  const step = 1 << 16;
  try {
    for (let at = 0; at < deflated.length; at += step) {
      inflate.push(deflated.subarray(at, at + step), at + step >= deflated.length);
    }
  } catch (error) {
    if (error instanceof PixelDataError) throw error;
    throw new PixelDataError(`deflated data is damaged (${(error as Error).message})`);
  }
  if (!ended) throw new PixelDataError('deflated data is cut short');
  const inflated = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    inflated.set(chunk, at);
    at += chunk.length;
  }
  return inflated;
}
