import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { encodeSlices } from '../../resources/make-study/encode-slices.ts';
import { makePhantom, phantomGrid } from '../../resources/make-study/make-phantom.ts';

const folder = fileURLToPath(new URL('../../resources/study/', import.meta.url));

describe('the bundled study', () => {
  const { volume, truth } = makePhantom();

  it('is, byte for byte, what npm run make-study makes', () => {
    const made = encodeSlices(volume).map(({ name, parts }) => [name, sha256(Buffer.concat(parts))]);
    const bundled = readdirSync(folder)
      .sort()
      .map((name) => [name, sha256(readFileSync(folder + name))]);
    expect(made).toEqual(bundled);
  });

  it('holds every tissue of its truth, with the intensities of that tissue', () => {
    const means = [0, 1, 2, 3, 4, 5].map((label) => {
      let [sum, count] = [0, 0];
      truth.labels.forEach((value, index) => {
        if (value !== label) return;
        sum += volume.voxels[index]!;
        count++;
      });
      return sum / count;
    });
    // Marrow and cortex are mixed in bone; partial volume and lung vessels move a mean by some tens of HU.
    const pure = [-1000, 45, -100, -780, 480, -940];
    means.forEach((mean, label) => expect(Math.abs(mean - pure[label]!)).toBeLessThan(100));
    expect(truth.grid).toEqual(phantomGrid);
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
