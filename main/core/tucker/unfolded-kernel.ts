import type { Matrix, Multiply } from '../tensor/matrix-product.ts';
import { symmetricEigen, type SymmetricEigen } from '../tensor/symmetric-eigen.ts';
import { kernelSize, type Kernel, type KernelShape } from './kernel.ts';

/** One of the two channel axes. */
export type Mode = 'rows' | 'columns';

/**
 * A kernel in double precision, laid out [rows, taps, columns]: the two products that HOOI is made of then are plain
 * matrix products of it, without a transposition.
 */
export class UnfoldedKernel {
  readonly shape: KernelShape;
  readonly #elements: Float64Array;
  readonly #multiply: Multiply;
  readonly #grams = new Map<Mode, Matrix>();

  constructor({ shape, data }: Kernel, multiply: Multiply) {
    const { rows, columns, taps } = shape;
    if (data.length !== kernelSize(shape))
      throw new RangeError(`${data.length} weights for ${rows} × ${columns} × ${taps}`);
    this.shape = shape;
    this.#multiply = multiply;
    this.#elements = new Float64Array(data.length);
    for (let i = 0, from = 0; i < rows; i++)
      for (let j = 0; j < columns; j++)
        for (let k = 0; k < taps; k++) this.#elements[(i * taps + k) * columns + j] = data[from++];
  }

  /** Uᵀ W, as [rank · taps, columns]. */
  async projectRows(factor: Matrix): Promise<Matrix> {
    const { rows, columns, taps } = this.shape;
    const { data } = await this.#multiply(
      factor,
      { rows, columns: taps * columns, data: this.#elements },
      'left',
    );
    return { rows: factor.columns * taps, columns, data };
  }

  /** W V, as [rows, taps · rank]. */
  async projectColumns(factor: Matrix): Promise<Matrix> {
    const { rows, columns, taps } = this.shape;
    const { data } = await this.#multiply({ rows: rows * taps, columns, data: this.#elements }, factor);
    return { rows, columns: taps * factor.columns, data };
  }

  /** The Gram matrix of an unfolding; kept, because every rank needs it. */
  async gram(mode: Mode): Promise<Matrix> {
    const { rows, columns, taps } = this.shape;
    const known = this.#grams.get(mode);
    if (known) return known;
    const whole =
      mode === 'rows'
        ? { rows, columns: taps * columns, data: this.#elements }
        : { rows: rows * taps, columns, data: this.#elements };
    const gram = await this.#multiply(whole, whole, mode === 'rows' ? 'right' : 'left');
    this.#grams.set(mode, gram);
    return gram;
  }

  async eigen(mode: Mode): Promise<SymmetricEigen> {
    return symmetricEigen(copyOf(await this.gram(mode)), this.#multiply);
  }

  /**
   * Gram matrix of the unfolding along `mode` after the other axis was projected on its `rank` leading vectors.
   * Where those are more than half, the vectors left out are projected on and taken off the whole Gram matrix: the
   * same matrix for less work.
   */
  async projectedGram(mode: Mode, other: SymmetricEigen, rank: number): Promise<Matrix> {
    const size = other.values.length;
    const whole = await this.gram(mode);
    if (rank === size) return copyOf(whole);
    const few = rank <= size / 2;
    const factor = await (few ? other.vectors(0, rank) : other.vectors(rank, size));
    const part =
      mode === 'rows'
        ? await this.#multiplySelf(await this.projectColumns(factor), 'right')
        : await this.#multiplySelf(await this.projectRows(factor), 'left');
    if (few) return part;
    const data = Float64Array.from(whole.data);
    for (let i = 0; i < data.length; i++) data[i] -= part.data[i];
    return { ...whole, data };
  }

  async #multiplySelf(matrix: Matrix, transposed: 'left' | 'right'): Promise<Matrix> {
    return this.#multiply(matrix, matrix, transposed);
  }
}

function copyOf(matrix: Matrix): Matrix {
  return { ...matrix, data: matrix.data.slice() };
}
