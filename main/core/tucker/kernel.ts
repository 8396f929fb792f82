/**
 * Weights of a convolution or a matrix product as a tensor of three axes, C order: the two channel axes in the order
 * of the file (Conv: out, in; ConvTranspose: in, out) and the positions of the window.
 */
export interface Kernel {
  readonly shape: KernelShape;
  readonly data: Float32Array;
}

export interface KernelShape {
  readonly rows: number;
  readonly columns: number;
  /** Product of the kernel's sizes: 27 for 3 × 3 × 3, 1 for a matrix. */
  readonly taps: number;
}

/** Ranks of the first and the second channel axis; at least 1 and at most the axis. */
export interface ModeRanks {
  readonly rows: number;
  readonly columns: number;
}

/** A kernel as core ×₀ U ×₁ V, with orthonormal columns in U and V. */
export interface TuckerKernel {
  readonly ranks: ModeRanks;
  /** U, [rows, ranks.rows], C order. */
  readonly rowFactor: Float32Array;
  /** V, [columns, ranks.columns], C order. */
  readonly columnFactor: Float32Array;
  /** [ranks.rows, ranks.columns, taps], C order. */
  readonly core: Float32Array;
  /** ‖W − Ŵ‖ / ‖W‖ (Frobenius). */
  readonly error: number;
}

export function kernelSize({ rows, columns, taps }: KernelShape): number {
  return rows * columns * taps;
}
