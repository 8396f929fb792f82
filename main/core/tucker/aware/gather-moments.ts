import { gramMatrix } from '../../tensor/gram-matrix.ts';
import type { Matrix, Multiply } from '../../tensor/matrix-product.ts';
import { gatherPatches } from './gather-patches.ts';
import type { LayerWindow } from './layer-window.ts';
import { matrix } from './matrices.ts';
import type { RawMoments } from './moments.ts';
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

/** Second moments over all tiles: a tile at a time, so that no more than one image has to be held. */
export async function gatherMoments(
  tiles: AsyncIterable<TileSamples>,
  multiply: Multiply,
): Promise<RawMoments | null> {
  let moments: (RawMoments & { weight: number }) | null = null;
  for await (const tile of tiles) {
    moments ??= noMoments(tile.window);
    const rows = moments.products.rows;
    const most = Math.max(1, Math.floor(blockNumbers / rows));
    for (let from = 0; from < tile.samples.positions.length; from += most)
      await addBlock(moments, tile, from, Math.min(from + most, tile.samples.positions.length), multiply);
  }
  return moments && moments.weight > 0 ? moments : null;
}

function noMoments({ shape }: LayerWindow): RawMoments & { weight: number } {
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
  from: number,
  to: number,
  multiply: Multiply,
): Promise<void> {
  const { shape, inSpace, sampleSpace, reads } = window;
  const count = to - from;
  const rows = shape.tapsIn * shape.channelsIn;
  const patches = matrix(rows, count, new Float64Array(rows * count));
  const positions = samples.positions.subarray(from, to);
  gatherPatches(image, shape.channelsIn, inSpace, reads, positions, sampleSpace, patches.data, count);
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
