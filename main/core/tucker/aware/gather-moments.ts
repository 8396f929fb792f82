import { gramMatrix } from '../../tensor/gram-matrix.ts';
import type { Matrix, Multiply } from '../../tensor/matrix-product.ts';
import { gatherPatches } from './gather-patches.ts';
import type { LayerWindow } from './layer-window.ts';
import { matrix } from '../../tensor/matrices.ts';
import type { RawMoments, RegressionShape } from './moments.ts';
import type { LayerSamples } from './sample-voxels.ts';

/** What one tile adds to the moments of a layer. */
export interface TileSamples {
  readonly window: LayerWindow;
  /** [channels in, …space]. */
  readonly image: Float32Array;
  readonly samples: LayerSamples;
  /** What the layer ought to give, [tapsOut · channels out, samples]. */
  readonly targets: Float32Array;
}

/** Numbers of one block of patches. */
const blockNumbers = 4e6;

/**
 * Second moments over all tiles: a tile at a time, so that no more than one image has to be held. Null without samples.
 *
 * @param reduce [channels in, rank]: where given, the moments are those of the channels after this reduction
 */
export async function gatherMoments(
  tiles: AsyncIterable<TileSamples> | Iterable<TileSamples>,
  multiply: Multiply,
  reduce: Matrix | null = null,
): Promise<RawMoments | null> {
  let moments: (RawMoments & { weight: number }) | null = null;
  for await (const tile of tiles) {
    const { shape } = tile.window;
    moments ??= noMoments({ ...shape, channelsIn: reduce?.columns ?? shape.channelsIn });
    const rows = shape.tapsIn * shape.channelsIn;
    const most = Math.max(1, Math.floor(blockNumbers / rows));
    for (let from = 0; from < tile.samples.positions.length; from += most)
      await addBlock(
        moments,
        tile,
        { from, to: Math.min(from + most, tile.samples.positions.length) },
        reduce,
        multiply,
      );
  }
  return moments && moments.weight > 0 ? moments : null;
}

function noMoments(shape: RegressionShape): RawMoments & { weight: number } {
  const rows = shape.tapsIn * shape.channelsIn;
  const outputs = shape.tapsOut * shape.channelsOut;
  return {
    shape,
    weight: 0,
    sumIn: new Float64Array(rows),
    sumOut: new Float64Array(outputs),
    squaresOut: new Float64Array(outputs),
    products: matrix(rows, rows, new Float64Array(rows * rows)),
    crossProducts: matrix(outputs, rows, new Float64Array(outputs * rows)),
  };
}

async function addBlock(
  moments: RawMoments & { weight: number },
  { window, image, samples, targets }: TileSamples,
  { from, to }: { readonly from: number; readonly to: number },
  reduce: Matrix | null,
  multiply: Multiply,
): Promise<void> {
  const { shape, inSpace, sampleSpace, reads } = window;
  const count = to - from;
  const rows = shape.tapsIn * shape.channelsIn;
  const read = matrix(rows, count, new Float64Array(rows * count));
  const positions = samples.positions.subarray(from, to);
  gatherPatches(image, shape.channelsIn, inSpace, reads, positions, sampleSpace, read.data, count);
  const patches = reduce ? await reduceTaps(read, reduce, shape.tapsIn, multiply) : read;
  const roots = Float64Array.from(samples.weights.subarray(from, to), Math.sqrt);
  for (const root of roots) moments.weight += root * root;
  weigh(patches, roots, moments.sumIn, null);

  const outputs = shape.tapsOut * shape.channelsOut;
  const wanted = matrix(outputs, count, new Float64Array(outputs * count));
  const all = samples.positions.length;
  for (let o = 0; o < outputs; o++)
    wanted.data.set(targets.subarray(o * all + from, o * all + to), o * count);
  weigh(wanted, roots, moments.sumOut, moments.squaresOut);

  add(moments.products.data, (await gramMatrix(patches, multiply)).data);
  add(moments.crossProducts.data, (await multiply(wanted, patches, 'right')).data);
}

/** (I ⊗ P)ᵀ times patches. */
async function reduceTaps(
  { columns, data }: Matrix,
  reduce: Matrix,
  taps: number,
  multiply: Multiply,
): Promise<Matrix> {
  const [channels, rank] = [reduce.rows, reduce.columns];
  const reduced = new Float64Array(taps * rank * columns);
  for (let k = 0; k < taps; k++) {
    const tap = data.subarray(k * channels * columns, (k + 1) * channels * columns);
    const product = await multiply(reduce, matrix(channels, columns, tap), 'left');
    reduced.set(product.data, k * rank * columns);
  }
  return matrix(taps * rank, columns, reduced);
}

/** Weighs every column by the root of its weight, and adds up the rows. */
function weigh(
  { rows, columns, data }: Matrix,
  roots: Float64Array,
  sums: Float64Array,
  squares: Float64Array | null,
): void {
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = 0;
    let square = 0;
    for (let i = 0; i < columns; i++, at++) {
      const value = data[at] * roots[i];
      data[at] = value;
      sum += value * roots[i];
      square += value * value;
    }
    sums[row] += sum;
    if (squares) squares[row] += square;
  }
}

function add(to: Float64Array, from: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += from[i];
}
