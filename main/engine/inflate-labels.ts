import { createGunzip } from 'node:zlib';

/** Fills `labels` from their gzip, chunk by chunk, so that they are in memory once. Throws Error for another number of them. */
export async function inflateLabels(labelsGz: Uint8Array, labels: Uint8Array): Promise<void> {
  let length = 0;
  const inflated = createGunzip({ chunkSize: 1 << 20 });
  inflated.end(labelsGz);
  for await (const chunk of inflated as AsyncIterable<Uint8Array>) {
    if (length + chunk.length <= labels.length) labels.set(chunk, length);
    length += chunk.length;
  }
  if (length !== labels.length) throw new Error(`${length} labels for ${labels.length} voxels`);
}
