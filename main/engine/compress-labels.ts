import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

const gzipAsync = promisify(gzip);

/** On label maps run lengths alone compress better and faster than the lower levels, and far faster than the higher. */
const labelCompression = { level: 1, strategy: constants.Z_RLE } as const;

/** gzip, in a thread of zlib's own. */
export function compressLabels(labels: Uint8Array): Promise<Uint8Array> {
  return gzipAsync(labels, labelCompression);
}
