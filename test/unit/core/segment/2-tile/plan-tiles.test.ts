import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianMap } from '../../../../../main/core/segment/2-tile/gaussian-map.ts';
import { padToPatch } from '../../../../../main/core/segment/2-tile/pad-to-patch.ts';
import { planTiles } from '../../../../../main/core/segment/2-tile/plan-tiles.ts';
import { readTile } from '../../../../../main/core/segment/2-tile/read-tile.ts';
import { tileStarts } from '../../../../../main/core/segment/2-tile/tile-starts.ts';
import type { Vec3 } from '../../../../../main/core/volume/volume.ts';
import { readNpy } from '../../../../fixtures/read-npy.ts';
import { describeShared, sharedData } from '../../../../shared-data.ts';

const golden = `${sharedData}/golden/sliding-window`;
const readJson = (name: string) => JSON.parse(readFileSync(`${golden}/${name}`, 'utf8'));

describe('tileStarts', () => {
  it('is what nnU-Net documents: 110 voxels, patch 64, half a patch apart', () => {
    expect(tileStarts(110, 64, 0.5)).toEqual([0, 23, 46]);
  });

  it('rounds exact halves to the even voxel', () => {
    expect(tileStarts(67, 32, 0.5)).toEqual([0, 12, 23, 35]);
    expect(tileStarts(69, 32, 0.5).every(Number.isInteger)).toBe(true);
    expect(tileStarts(33 + 32, 32, 0.5)).toEqual([0, 11, 22, 33]);
    expect(tileStarts(32 + 5, 32, 0.1)).toEqual([0, 2, 5]);
  });

  it('covers every voxel and keeps its step', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.integer({ min: 1, max: 64 }),
        fc.constantFrom(0.1, 0.3, 0.5, 1),
        (more, patch, step) => {
          const starts = tileStarts(patch + more, patch, step);
          expect(starts[0]).toBe(0);
          expect(starts.at(-1)).toBe(more);
          // Rounding may add half a voxel at either end of a step.
          starts.slice(1).forEach((s, i) => expect(s - starts[i]).toBeLessThanOrEqual(patch * step + 1));
        },
      ),
    );
  });
});

describe('gaussianMap', () => {
  it('peaks at 10 in the middle and has no zero', () => {
    const map = gaussianMap([8, 6, 4]);
    expect(map[(4 * 6 + 3) * 4 + 2]).toBe(10);
    expect(map.every((weight) => weight > 0 && weight <= 10)).toBe(true);
  });
});

describe('margin tiling', () => {
  const model = (patch: Vec3, marginVoxels: Vec3) => ({
    patch,
    tiling: { kind: 'margin' as const, marginVoxels },
  });

  it('keeps every voxel from exactly one tile, a margin away from every border inside the volume', () => {
    const axis = fc.record({
      size: fc.integer({ min: 1, max: 40 }),
      margin: fc.nat(3),
      middle: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(axis, axis, axis, (...axes) => {
        const shape = axes.map((a) => a.size) as unknown as Vec3;
        const margin = axes.map((a) => a.margin) as unknown as Vec3;
        const plan = planTiles(
          model(axes.map((a) => 2 * a.margin + a.middle) as unknown as Vec3, margin),
          shape,
        );
        const seen = new Uint8Array(shape[0] * shape[1] * shape[2]);
        for (const { start, keep } of plan.tiles) {
          for (const a of [0, 1, 2]) {
            expect(start[a] === 0 ? keep.start[a] : keep.start[a] - margin[a]).toBeGreaterThanOrEqual(0);
            const after = plan.tileShape[a] - keep.end[a];
            expect(
              start[a] + plan.tileShape[a] === shape[a] ? after : after - margin[a],
            ).toBeGreaterThanOrEqual(0);
          }
          for (let z = keep.start[0]; z < keep.end[0]; z++)
            for (let y = keep.start[1]; y < keep.end[1]; y++)
              for (let x = keep.start[2]; x < keep.end[2]; x++)
                seen[((start[0] + z) * shape[1] + start[1] + y) * shape[2] + start[2] + x]++;
        }
        expect(seen.every((times) => times === 1)).toBe(true);
      }),
    );
  });

  it('refuses a patch that is all margin', () => {
    expect(() => planTiles(model([8, 8, 8], [4, 0, 0]), [20, 4, 4])).toThrow(RangeError);
  });
});

describe('readTile', () => {
  it('pads with 0 around a volume smaller than the patch, and mirrors', () => {
    const plan = planTiles({ patch: [1, 3, 4], tiling: { kind: 'gaussian', step: 0.5 } }, [1, 2, 2]);
    const tile = new Float32Array(24).fill(9);
    const data = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    readTile(data, 2, [1, 2, 2], plan, [0, 0, 0], [], tile);
    expect([...tile]).toEqual([0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 5, 6, 0, 0, 7, 8, 0, 0, 0, 0, 0]);
    readTile(data, 2, [1, 2, 2], plan, [0, 0, 0], [1, 2], tile);
    expect([...tile]).toEqual([0, 0, 0, 0, 0, 4, 3, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0, 6, 5, 0]);
  });
});

describeShared('nnU-Net tiles (golden)', () => {
  it('has the tile positions of compute_steps_for_sliding_window', () => {
    const { cases } = readJson('tile_positions.json') as {
      cases: { image_size: number[]; tile_size: number[]; tile_step_size: number; steps: number[][] }[];
    };
    expect(cases.length).toBeGreaterThan(10);
    for (const each of cases) {
      const steps = each.image_size.map((n, a) => tileStarts(n, each.tile_size[a], each.tile_step_size));
      expect(steps).toEqual(each.steps);
    }
  });

  it('pads as pad_nd_image does', () => {
    const { cases } = readJson('padding.json') as {
      cases: { image_size: Vec3; patch_size: Vec3; padded_size: number[]; keep_slice: number[][] }[];
    };
    for (const each of cases) {
      const { paddedShape, inside } = padToPatch(each.image_size, each.patch_size);
      expect(paddedShape).toEqual(each.padded_size);
      expect(inside.start.map((start, a) => [start, inside.end[a]])).toEqual(each.keep_slice);
    }
  });

  it('has the float16 values of compute_gaussian', () => {
    const expected = readNpy(`${golden}/gaussian_32x40x48_f16.npy`).data;
    const map = gaussianMap([32, 40, 48]);
    let differing = 0;
    for (let i = 0; i < map.length; i++) {
      if (map[i] === expected[i]) continue;
      differing++;
      // Stated tolerance: one unit in the last place of float16.
      expect(Math.abs(map[i] - expected[i])).toBeLessThanOrEqual(
        2 ** Math.max(-24, Math.floor(Math.log2(map[i])) - 10),
      );
    }
    expect(differing).toBeLessThan(map.length / 1000);
  });
});
