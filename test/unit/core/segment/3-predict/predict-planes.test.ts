import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SplitHead } from '../../../../../main/core/onnx/split-head.ts';
import { planTiles } from '../../../../../main/core/segment/2-tile/plan-tiles.ts';
import { joinHeads } from '../../../../../main/core/segment/3-predict/joined-head.ts';
import { mirrorings } from '../../../../../main/core/segment/3-predict/mirrorings.ts';
import {
  planeChannels,
  predictPlanes,
  type Prediction,
} from '../../../../../main/core/segment/3-predict/predict-planes.ts';
import { voxelCount, type Vec3 } from '../../../../../main/core/volume/volume.ts';

const small = fc.tuple(
  fc.integer({ min: 1, max: 14 }),
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 1, max: 9 }),
) as unknown as fc.Arbitrary<Vec3>;
const patch = fc.tuple(
  fc.integer({ min: 2, max: 6 }),
  fc.integer({ min: 2, max: 5 }),
  fc.integer({ min: 2, max: 5 }),
) as unknown as fc.Arbitrary<Vec3>;
const gaussian = { kind: 'gaussian' as const, step: 0.5 };

function wave(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7) + Math.cos(i * i));
}

/** Two channels that depend on the voxel and on where it lies in its tile, so that tiles, flips and folds all show. */
function tileNetwork(fold: number, input: Float32Array, [t0, t1, t2]: Vec3): Float32Array {
  const size = t0 * t1 * t2;
  return Float32Array.from({ length: 2 * size }, (_, i) => {
    const at = i % size;
    const place = Math.floor(at / (t1 * t2)) + 0.3 * (Math.floor(at / t2) % t1) + 0.1 * (at % t2);
    return i < size ? input[at] * (fold + 1) + place : place * place - input[at];
  });
}

function predictionOf(
  shape: Vec3,
  model: Parameters<typeof planTiles>[0],
  more: Partial<Prediction> = {},
): Prediction {
  return {
    data: wave(voxelCount(shape)),
    inputChannels: 1,
    shape,
    plan: planTiles(model, shape),
    mirrorAxes: [],
    folds: 1,
    outputChannels: 2,
    foldsAre: 'mean',
    firstPlane: 0,
    runNetwork: async (fold, input, tileShape) => tileNetwork(fold, input, tileShape),
    onTile: () => {},
    ...more,
  };
}

/** [plane, channel, d1, d2], the planes from `firstPlane` on. */
async function allPlanes(prediction: Prediction): Promise<Float32Array> {
  const size = planeChannels(prediction) * prediction.shape[1] * prediction.shape[2];
  const out = new Float32Array((prediction.shape[0] - prediction.firstPlane) * size);
  let expected = prediction.firstPlane;
  for await (const plane of predictPlanes(prediction)) {
    expect(plane.index).toBe(expected++);
    plane.take(out, (plane.index - prediction.firstPlane) * size);
  }
  expect(expected).toBe(prediction.shape[0]);
  return out;
}

/** Every tile into float64 sums of the whole padded volume: nnU-Net's way. */
function predictAtOnce(prediction: Prediction): Float64Array {
  const { plan, shape } = prediction;
  const [p0, p1, p2] = plan.paddedShape;
  const [t0, t1, t2] = plan.tileShape;
  const sums = new Float64Array(2 * p0 * p1 * p2);
  const weights = new Float64Array(p0 * p1 * p2);
  const padded = (z: number, y: number, x: number) => {
    const [a, b, c] = [z - plan.inside.start[0], y - plan.inside.start[1], x - plan.inside.start[2]];
    const inside = a >= 0 && b >= 0 && c >= 0 && a < shape[0] && b < shape[1] && c < shape[2];
    return inside ? prediction.data[(a * shape[1] + b) * shape[2] + c] : 0;
  };
  for (const tile of plan.tiles) {
    for (const mirrored of mirrorings(prediction.mirrorAxes)) {
      const flip = (i: number, axis: number) => (mirrored.includes(axis) ? plan.tileShape[axis] - 1 - i : i);
      const at = (i: number, j: number, k: number) => (flip(i, 0) * t1 + flip(j, 1)) * t2 + flip(k, 2);
      const input = new Float32Array(t0 * t1 * t2);
      const each = (work: (i: number, j: number, k: number) => void) => {
        for (let i = 0; i < t0; i++) for (let j = 0; j < t1; j++) for (let k = 0; k < t2; k++) work(i, j, k);
      };
      each(
        (i, j, k) => (input[at(i, j, k)] = padded(tile.start[0] + i, tile.start[1] + j, tile.start[2] + k)),
      );
      for (let fold = 0; fold < prediction.folds; fold++) {
        const output = tileNetwork(fold, input, plan.tileShape);
        each((i, j, k) => {
          const voxel = ((tile.start[0] + i) * p1 + tile.start[1] + j) * p2 + tile.start[2] + k;
          const weight = plan.weights![(i * t1 + j) * t2 + k];
          weights[voxel] += weight;
          for (const c of [0, 1])
            sums[c * p0 * p1 * p2 + voxel] += weight * output[c * t0 * t1 * t2 + at(i, j, k)];
        });
      }
    }
  }
  const out = [];
  for (let z = 0; z < shape[0]; z++)
    for (const c of [0, 1])
      for (let y = 0; y < shape[1]; y++)
        for (let x = 0; x < shape[2]; x++) {
          const voxel =
            ((z + plan.inside.start[0]) * p1 + y + plan.inside.start[1]) * p2 + x + plan.inside.start[2];
          out.push(sums[c * p0 * p1 * p2 + voxel] / weights[voxel]);
        }
  return Float64Array.from(out);
}

describe('mirrorings', () => {
  it('are all subsets of the axes, the empty one first', () => {
    expect(mirrorings([])).toEqual([[]]);
    expect(mirrorings([0, 2])).toEqual([[], [0], [2], [0, 2]]);
    expect(mirrorings([0, 1, 2])).toHaveLength(8);
  });
});

describe('predictPlanes', () => {
  it('gives plane by plane what summing over the whole volume gives', async () => {
    const axes = fc.subarray([0, 1, 2]);
    await fc.assert(
      fc.asyncProperty(
        small,
        patch,
        axes,
        fc.integer({ min: 1, max: 3 }),
        async (shape, tile, mirrorAxes, folds) => {
          const prediction = predictionOf(shape, { patch: tile, tiling: gaussian }, { mirrorAxes, folds });
          const expected = predictAtOnce(prediction);
          const planes = await allPlanes(prediction);
          // float32 sums of a few dozen terms below 100.
          planes.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(2e-4));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves out the tiles before the first plane wanted, and changes no bit of the rest', async () => {
    await fc.assert(
      fc.asyncProperty(small, patch, fc.nat(13), async (shape, tile, first) => {
        const firstPlane = Math.min(first, shape[0] - 1);
        let tiles = 0;
        const all = predictionOf(shape, { patch: tile, tiling: gaussian });
        const rest = { ...all, firstPlane, onTile: () => void tiles++ };
        const size = 2 * shape[1] * shape[2];
        expect(await allPlanes(rest)).toEqual((await allPlanes(all)).subarray(firstPlane * size));
        const needed = all.plan.tiles.filter(
          ({ start }) => start[0] + tile[0] > firstPlane + all.plan.inside.start[0],
        );
        expect(tiles).toBe(needed.length);
      }),
      { numRuns: 60 },
    );
  });

  it('tiles a fully convolutional network with margins as if it saw the whole volume', async () => {
    /** Mean over the 3×3×3 neighbours with zero padding: margin 1. */
    const blur = async (_fold: number, input: Float32Array, [t0, t1, t2]: Vec3) =>
      Float32Array.from(input, (_, i) => {
        const [z, y, x] = [Math.floor(i / (t1 * t2)), Math.floor(i / t2) % t1, i % t2];
        let sum = 0;
        for (let a = Math.max(0, z - 1); a <= Math.min(t0 - 1, z + 1); a++)
          for (let b = Math.max(0, y - 1); b <= Math.min(t1 - 1, y + 1); b++)
            for (let c = Math.max(0, x - 1); c <= Math.min(t2 - 1, x + 1); c++)
              sum += input[(a * t1 + b) * t2 + c];
        return sum;
      });
    const tiling = { kind: 'margin' as const, marginVoxels: [1, 1, 1] as Vec3 };
    const more = { outputChannels: 1, runNetwork: blur };
    await fc.assert(
      fc.asyncProperty(small, patch, async (shape, tile) => {
        const tiled = predictionOf(shape, { patch: tile.map((n) => n + 1) as unknown as Vec3, tiling }, more);
        const whole = predictionOf(shape, { patch: shape, tiling }, more);
        expect(await allPlanes(tiled)).toEqual(await allPlanes(whole));
      }),
      { numRuns: 60 },
    );
  });
});

describe('joinHeads', () => {
  const head = (classes: number, features: number, seed: number): SplitHead => ({
    body: null as never,
    classes,
    features,
    weight: wave(classes * features + seed).subarray(seed),
    bias: wave(classes + seed + 5).subarray(seed + 5),
  });

  it('is not worth it where the features are as many as the classes', () => {
    expect(joinHeads([head(3, 3, 0)])).toBeNull();
    expect(joinHeads([head(5, 2, 0), head(5, 3, 0)])).toBeNull();
    expect(joinHeads([head(5, 2, 0), head(5, 2, 1)])).not.toBeNull();
  });

  it('after blending gives the logits that blending the logits gives', async () => {
    const heads = [head(6, 2, 0), head(6, 2, 3)];
    const shape: Vec3 = [9, 7, 6];
    const model = { patch: [4, 4, 4] as Vec3, tiling: gaussian };
    const apply = (
      { weight, bias }: { weight: Float32Array; bias: Float32Array },
      of: Float32Array,
      features: number,
    ) => {
      const voxels = of.length / features;
      return Float32Array.from({ length: 6 * voxels }, (_, i) => {
        const [k, v] = [Math.floor(i / voxels), i % voxels];
        let sum = bias[k];
        for (let c = 0; c < features; c++) sum += weight[k * features + c] * of[c * voxels + v];
        return sum;
      });
    };
    const more = { mirrorAxes: [1], folds: 2 };
    const stacked = await allPlanes(predictionOf(shape, model, { ...more, foldsAre: 'stacked' }));
    const joined = joinHeads(heads)!;
    const logits = await allPlanes(
      predictionOf(shape, model, {
        ...more,
        outputChannels: 6,
        runNetwork: async (fold, input, tile) => apply(heads[fold], tileNetwork(fold, input, tile), 2),
      }),
    );
    const area = shape[1] * shape[2];
    for (let p = 0; p < shape[0]; p++) {
      const fromFeatures = apply(joined, stacked.subarray(p * 4 * area, (p + 1) * 4 * area), 4);
      // Logits up to about 100 in float32, summed in another order.
      fromFeatures.forEach((value, i) =>
        expect(Math.abs(value - logits[p * 6 * area + i])).toBeLessThan(1e-3),
      );
    }
  });
});
