import type { Matrix } from '../../../../../main/core/tensor/matrix-product.ts';
import { multiplyMatrices } from '../../../../../main/core/tensor/matrix-product.ts';
import { gatherMoments, type TileSamples } from '../../../../../main/core/tucker/aware/gather-moments.ts';
import {
  finishMoments,
  type Moments,
  type RegressionShape,
} from '../../../../../main/core/tucker/aware/moments.ts';
import { createRandom } from '../../../../fixtures/random.ts';

export function noise(length: number, seed: number): Float32Array {
  const random = createRandom(seed);
  for (let i = 0; i < 10; i++) random();
  return Float32Array.from({ length }, () => random() - 0.5);
}

export function noiseMatrix(rows: number, columns: number, seed: number): Matrix {
  return { rows, columns, data: Float64Array.from(noise(rows * columns, seed)) };
}

/** A 1-D convolution of 3 taps, or a transposed one of 2, over a line of voxels, with targets of its own. */
export function lineSamples(
  shape: RegressionShape,
  image: Float32Array,
  targets: (position: number, output: number) => number,
  positions: readonly number[],
): TileSamples {
  const length = image.length / shape.channelsIn;
  const space = [1, 1, length] as const;
  const point = { window: [1, 1, 1], strides: [1, 1, 1], dilations: [1, 1, 1], pads: [0, 0, 0] } as const;
  const pad = (shape.tapsIn - 1) / 2;
  const reads = { ...point, window: [1, 1, shape.tapsIn], pads: [0, 0, pad] } as const;
  const outputs = shape.tapsOut * shape.channelsOut;
  const values = Float32Array.from({ length: outputs * positions.length }, (_, i) =>
    targets(positions[i % positions.length], Math.floor(i / positions.length)),
  );
  return {
    window: { shape, inSpace: space, outSpace: space, sampleSpace: space, reads, gives: point },
    image,
    samples: { positions: Int32Array.from(positions), weights: new Float32Array(positions.length).fill(1) },
    targets: values,
  };
}

export async function momentsOf(
  tiles: readonly TileSamples[],
  kernel: Matrix,
  ridge?: number,
): Promise<Moments> {
  async function* each() {
    yield* tiles;
  }
  const raw = await gatherMoments(each(), multiplyMatrices);
  if (!raw) throw new Error('no samples');
  return finishMoments(raw, kernel, ridge);
}
