import { gunzipSync, gzipSync } from 'node:zlib';
import { gunzipSync as gunzipFirstMember } from 'fflate';
import { describe, expect, it } from 'vitest';
import { prefixGzip } from '../../../main/engine/prefix-gzip.ts';
import { compressLabels } from '../../../main/engine/compress-labels.ts';

const prefix = Uint8Array.from({ length: 352 }, (_, i) => (i * 7) % 251);

describe('prefixGzip', () => {
  it.each([0, 1, 100_000])('gives one member that holds the prefix and %i labels', async (length) => {
    const labels = Uint8Array.from({ length }, (_, i) => (i >> 4) % 119);
    const gzipped = Buffer.concat(prefixGzip(prefix, await compressLabels(labels), labels));
    const expected = Buffer.concat([prefix, labels]);
    // zlib checks length and CRC; fflate reads one member only.
    expect(gunzipSync(gzipped).equals(expected)).toBe(true);
    expect(expected.equals(gunzipFirstMember(Uint8Array.from(gzipped)))).toBe(true);
  });

  it('takes no gzip file whose header is longer', () => {
    const named = Buffer.from(gzipSync(prefix));
    named[3] = 8;
    expect(() => prefixGzip(prefix, named, prefix)).toThrow('header');
  });
});
