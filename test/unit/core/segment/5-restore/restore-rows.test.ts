import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../../../main/core/model/segmentation-model.ts';
import { cellCount, linearMap, nearestMap } from '../../../../../main/core/segment/5-restore/axis-map.ts';
import { restoreRows } from '../../../../../main/core/segment/5-restore/restore-rows.ts';
import { restoreSlabs } from '../../../../../main/core/segment/5-restore/restore-slabs.ts';
import type { RestoreSlab } from '../../../../../main/core/segment/5-restore/restore-slab.ts';
import type { AxisMaps } from '../../../../../main/core/segment/5-restore/restore-target.ts';
import type { Plane } from '../../../../../main/core/segment/3-predict/predict-planes.ts';
import type { Vec3 } from '../../../../../main/core/volume/volume.ts';
import { restoreByBruteForce } from './brute-force.ts';

const axis = fc.record({
  inSize: fc.integer({ min: 1, max: 7 }),
  outSize: fc.integer({ min: 1, max: 19 }),
  order: fc.constantFrom(0, 1, 1, 1),
});

const problem = fc
  .record({
    axes: fc.tuple(axis, axis, axis),
    classes: fc.integer({ min: 1, max: 9 }),
    kind: fc.constantFrom('argmax' as const, 'regions' as const),
    // Coarse values give many ties; smooth ones give many uniform cells.
    coarse: fc.boolean(),
    smooth: fc.boolean(),
    seed: fc.integer(),
  })
  .map(({ axes, classes, kind, coarse, smooth, seed }) => {
    const shape = axes.map((a) => a.inSize) as unknown as Vec3;
    const maps = axes.map((a) =>
      a.order === 1 ? linearMap(a.inSize, a.outSize) : nearestMap(a.inSize, a.outSize, 'half-pixel'),
    ) as unknown as AxisMaps;
    const random = randomNumbers(seed);
    const offsets = Array.from({ length: classes }, () => random() * 4);
    const area = shape[1] * shape[2];
    const logits = Float32Array.from({ length: shape[0] * classes * area }, (_, i) => {
      const value =
        (random() - 0.5) * (smooth ? 1 : 8) + (smooth ? offsets[Math.floor(i / area) % classes] : 0);
      return coarse ? Math.round(value) : value;
    });
    const values = Array.from({ length: classes }, (_, c) => (kind === 'argmax' ? c : c + 1) * 3);
    return { shape, maps, classes, logits, decision: { kind, values } as Decision };
  });

type Problem = typeof problem extends fc.Arbitrary<infer T> ? T : never;

function restoreAtOnce({ shape, maps, classes, logits, decision }: Problem, bands = 1): Uint8Array {
  const labels = new Uint8Array(maps[0].outSize * maps[1].outSize * maps[2].outSize).fill(255);
  const slab: RestoreSlab = {
    logits,
    firstPlane: 0,
    classes,
    shape,
    maps,
    cells: [0, cellCount(maps[0])],
    outputPlanes: [0, maps[0].outSize],
    decision,
    labels,
  };
  const rows = cellCount(maps[1]);
  for (let b = 0; b < bands; b++) {
    restoreRows(slab, [Math.floor((rows * b) / bands), Math.floor((rows * (b + 1)) / bands)]);
  }
  return labels;
}

async function restoreBySlab(
  { shape, maps, classes, logits, decision }: Problem,
  logitsBytes: number,
  firstOutput: number,
): Promise<Uint8Array> {
  const planeSize = classes * shape[1] * shape[2];
  async function* planes(): AsyncGenerator<Plane> {
    for (let index = 0; index < shape[0]; index++) {
      const plane = logits.subarray(index * planeSize, (index + 1) * planeSize);
      const endsRun = index === shape[0] - 1 || index % 3 === 2;
      yield { index, endsRun, take: (into, offset) => into.set(plane, offset) };
    }
  }
  const area = maps[1].outSize * maps[2].outSize;
  const labels = new Uint8Array(maps[0].outSize * area);
  let next = firstOutput;
  const slabs = restoreSlabs({
    planes: planes(),
    channels: classes,
    classes,
    applyHead: null,
    shape,
    maps,
    decision,
    firstOutput,
    logitsBytes,
    restore: async (slab) => restoreRows(slab, [0, cellCount(maps[1])]),
  });
  for await (const slab of slabs) {
    expect(slab.start).toBe(next);
    next = slab.end;
    labels.set(slab.labels, slab.start * area);
  }
  expect(next).toBe(maps[0].outSize);
  return labels;
}

describe('restoreRows', () => {
  it('gives the labels of interpolating every class everywhere, bit for bit', () => {
    fc.assert(
      fc.property(problem, fc.integer({ min: 1, max: 4 }), (each, bands) => {
        const expected = restoreByBruteForce(each.logits, each.classes, each.shape, each.maps, each.decision);
        expect(restoreAtOnce(each, bands)).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  it('is as exact among many classes of noise, and among values one bit apart', () => {
    const next = 1 + 2 ** -23;
    const close = [1, next, 0, -0, 2 ** -149, -1, -next, 1e30, -1e30];
    const random = randomNumbers(1);
    const draw = { noise: () => random() - 0.5, close: () => close[Math.floor(random() * close.length)] };
    for (const values of [draw.noise, draw.close]) {
      for (const outShape of [[7, 17, 14] as const, [2, 3, 5] as const]) {
        const shape: Vec3 = [3, 4, 6];
        const maps = shape.map((n, axis) => linearMap(n, outShape[axis])) as unknown as AxisMaps;
        const logits = Float32Array.from({ length: 118 * 3 * 4 * 6 }, values);
        for (const kind of ['argmax', 'regions'] as const) {
          const decision: Decision = { kind, values: Array.from({ length: 118 }, (_, c) => c + 1) };
          const expected = restoreByBruteForce(logits, 118, shape, maps, decision);
          expect(restoreAtOnce({ shape, maps, classes: 118, logits, decision })).toEqual(expected);
        }
      }
    }
  });

  it('breaks ties towards the lowest class, as np.argmax', () => {
    const maps: AxisMaps = [linearMap(2, 2), linearMap(1, 1), linearMap(2, 5)];
    const logits = Float32Array.of(1, 1, 1, 1, 2, 2, 2, 2);
    const labels = restoreAtOnce({
      shape: [2, 1, 2],
      maps,
      classes: 2,
      logits,
      decision: { kind: 'argmax', values: [0, 7] },
    });
    expect([...labels]).toEqual(Array(10).fill(0));
  });
});

describe('restoreSlabs', () => {
  it('gives the same labels slab by slab, from any first plane, with any window', async () => {
    await fc.assert(
      fc.asyncProperty(problem, fc.nat(4000), fc.nat(18), async (each, logitsBytes, skip) => {
        const firstOutput = Math.min(skip, each.maps[0].outSize - 1);
        const expected = restoreAtOnce(each);
        expected.fill(0, 0, firstOutput * each.maps[1].outSize * each.maps[2].outSize);
        expect(await restoreBySlab(each, logitsBytes, firstOutput)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});

/** mulberry32 */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
