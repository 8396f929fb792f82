import { createGunzip } from 'node:zlib';

/**
 * Fills `labels` from their gzip, chunk by chunk, so that they are in memory once. Throws Error for another number of them,
 * as soon as there are too many: a small file may hold terabytes.
 */
export async function inflateLabels(labelsGz: Uint8Array, labels: Uint8Array): Promise<void> {
  let length = 0;
  const inflated = createGunzip({ chunkSize: 1 << 20 });
  inflated.end(labelsGz);
  for await (const chunk of inflated as AsyncIterable<Uint8Array>) {
    if (length + chunk.length > labels.length) throw new Error(`more labels than ${labels.length} voxels`);
    labels.set(chunk, length);
    length += chunk.length;
  }
  if (length !== labels.length) throw new Error(`${length} labels for ${labels.length} voxels`);
}
