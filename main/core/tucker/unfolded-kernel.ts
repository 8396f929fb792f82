import { gramMatrix } from '../tensor/gram-matrix.ts';
import type { Matrix, Multiply } from '../tensor/matrix-product.ts';
import { symmetricEigen, type SymmetricEigen } from '../tensor/symmetric-eigen.ts';
import { kernelSize, type Kernel, type KernelShape } from './kernel.ts';

/** One of the two channel axes. */
export type Mode = 'rows' | 'columns';

/**
 * A kernel in double precision, unfolded along either channel axis: [rows, taps, columns] and [columns, taps, rows].
 * The products that HOOI is made of then are plain matrix products, without a transposition.
 */
export class UnfoldedKernel {
  readonly shape: KernelShape;
  readonly #multiply: Multiply;
  readonly #unfoldings: Readonly<Record<Mode, Float64Array>>;
  readonly #grams = new Map<Mode, Matrix>();

  constructor({ shape, data }: Kernel, multiply: Multiply) {
    if (data.length !== kernelSize(shape))
      throw new RangeError(`${data.length} weights for ${shape.rows} × ${shape.columns} × ${shape.taps}`);
    this.shape = shape;
    this.#multiply = multiply;
    this.#unfoldings = unfold(shape, data);
  }

  /** The core for two orthonormal factors, as [row rank, taps, column rank]. */
  async core(rowFactor: Matrix, columnFactor: Matrix): Promise<Float64Array> {
    const { data } = await this.#multiply(rowFactor, await this.#project('rows', columnFactor), 'left');
    return data;
  }

  /** Of the unfolding along `mode`. */
  async eigen(mode: Mode): Promise<SymmetricEigen> {
    return symmetricEigen(copyOf(await this.#gram(mode)), this.#multiply);
  }

  /**
   * Of the unfolding along `mode`, after the other axis was projected on its `rank` leading vectors. Where those are
   * more than half, the vectors left out are projected on, and their Gram matrix taken off the whole one: the same
   * matrix for less work.
   */
  async projectedEigen(mode: Mode, other: SymmetricEigen, rank: number): Promise<SymmetricEigen> {
    const size = other.values.length;
    if (rank === size) return this.eigen(mode);
    const few = rank <= size / 2;
    const factor = await (few ? other.vectors(0, rank) : other.vectors(rank, size));
    const gram = await gramMatrix(await this.#project(mode, factor), this.#multiply);
    if (!few) {
      const whole = (await this.#gram(mode)).data;
      for (let i = 0; i < whole.length; i++) gram.data[i] = whole[i] - gram.data[i];
    }
    return symmetricEigen(gram, this.#multiply);
  }

  /** Kept, because every rank needs it. */
  async #gram(mode: Mode): Promise<Matrix> {
    const known = this.#grams.get(mode);
    if (known) return known;
    const data = this.#unfoldings[mode];
    const rows = this.shape[mode];
    const gram = await gramMatrix({ rows, columns: data.length / rows, data }, this.#multiply);
    this.#grams.set(mode, gram);
    return gram;
  }

  /** The unfolding along `mode` with the other axis multiplied by a factor: [channels, taps · rank]. */
  async #project(mode: Mode, factor: Matrix): Promise<Matrix> {
    const rows = this.shape[mode];
    const { taps } = this.shape;
    const unfolding = { rows: rows * taps, columns: factor.rows, data: this.#unfoldings[mode] };
    const { data } = await this.#multiply(unfolding, factor);
    return { rows, columns: taps * factor.columns, data };
  }
}

function unfold({ rows, columns, taps }: KernelShape, data: Float32Array): Record<Mode, Float64Array> {
  const byRow = new Float64Array(data.length);
  const byColumn = new Float64Array(data.length);
  for (let i = 0, from = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      for (let k = 0; k < taps; k++) {
        const weight = data[from++];
        byRow[(i * taps + k) * columns + j] = weight;
        byColumn[(j * taps + k) * rows + i] = weight;
      }
  return { rows: byRow, columns: byColumn };
}

function copyOf(matrix: Matrix): Matrix {
  return { ...matrix, data: matrix.data.slice() };
}
