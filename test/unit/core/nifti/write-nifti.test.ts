import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNifti } from '../../../../main/core/nifti/read-nifti.ts';
import { writeNifti } from '../../../../main/core/nifti/write-nifti.ts';
import type { Grid, Vec3, Voxels } from '../../../../main/core/volume/volume.ts';
import { makeNifti } from './make-nifti.ts';

function join(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}

/** A rotation from three angles, its axes permuted and flipped at will: any grid a scanner can give. */
const grids: fc.Arbitrary<Grid> = fc
  .record({
    angles: fc.tuple(...([0, 1, 2] as const).map(() => fc.double({ min: -3, max: 3, noNaN: true }))),
    mirrored: fc.boolean(),
    spacing: fc.tuple(...([0, 1, 2] as const).map(() => fc.double({ min: 0.3, max: 6, noNaN: true }))),
    origin: fc.tuple(...([0, 1, 2] as const).map(() => fc.double({ min: -500, max: 500, noNaN: true }))),
  })
  .map(({ angles: [a, b, c], mirrored, spacing, origin }) => {
    const [ca, sa, cb, sb, cc, sc] = [a!, b!, c!].flatMap((t) => [Math.cos(t), Math.sin(t)]) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const x: Vec3 = [ca * cb, sa * cb, -sb];
    const y: Vec3 = [ca * sb * sc - sa * cc, sa * sb * sc + ca * cc, cb * sc];
    const z: Vec3 = [ca * sb * cc + sa * sc, sa * sb * cc - ca * sc, cb * cc];
    const flip = mirrored ? -1 : 1;
    return {
      shapeZyx: [2, 3, 4],
      spacingZyxMm: spacing as unknown as Vec3,
      originLps: origin as unknown as Vec3,
      directionsZyx: [[z[0] * flip, z[1] * flip, z[2] * flip], y, x],
    };
  });

describe('writing', () => {
  const labels = Uint8Array.from({ length: 24 }, (_, index) => index);

  it('gives back voxels and any rotated or mirrored grid, by sform and by qform alone', () => {
    fc.assert(
      fc.property(grids, (grid) => {
        const file = join(writeNifti(labels, grid, 'test'));
        const byQform = file.slice();
        byQform.fill(0, 254, 256);
        for (const bytes of [file, byQform]) {
          const { volume } = readNifti(bytes);
          expect([...volume.voxels]).toEqual([...labels]);
          // The header's numbers are float32: 24 bits of up to 500 mm, and of a quaternion.
          expectClose(volume.grid.originLps, grid.originLps, 1e-4);
          expectClose(volume.grid.spacingZyxMm, grid.spacingZyxMm, 1e-5);
          for (const a of [0, 1, 2] as const) {
            expectClose(volume.grid.directionsZyx[a], grid.directionsZyx[a], 3e-6);
          }
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('keeps the placement of its source bit for bit', () => {
    const source = makeNifti({
      values: [0, 0, 0, 0, 0, 0, 0, 0],
      pixdim: [-1, 0.7, 0.8, 2.5],
      qform: { bcd: [0.1, -0.2, 0.3], offset: [1.1, 2.2, 3.3] },
      srow: [0, 0, 2.5, 0.1, 0.7, 0, 0, 0.2, 0, -0.8, 0, 0.3],
    });
    const { volume, header } = readNifti(source);
    const written = join(writeNifti(new Uint8Array(8), volume.grid, 'labels', header.space));
    for (const [from, to] of [
      [76, 92],
      [252, 328],
    ] as const) {
      expect(written.subarray(from, to)).toEqual(source.subarray(from, to));
    }
  });

  it.each<Voxels>([new Int16Array(24), new Float32Array(24), new Uint16Array(24), new Float64Array(24)])(
    'writes %s',
    (voxels: Voxels) => {
      voxels[5] = 7;
      const grid = fc.sample(grids, { seed: 1, numRuns: 1 })[0]!;
      expect(readNifti(join(writeNifti(voxels, grid, ''))).volume.voxels).toEqual(voxels);
    },
  );
});

function expectClose(actual: Vec3, expected: Vec3, tolerance: number): void {
  actual.forEach((value, index) => expect(Math.abs(value - expected[index]!)).toBeLessThan(tolerance));
}
