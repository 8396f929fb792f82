/** T − λI = P L U by elimination with row interchanges (LAPACK dlagtf). */
export class ShiftedFactors {
  readonly #diagonal: Float64Array;
  readonly #offDiagonal: Float64Array;
  readonly #smallestPivot: number;
  readonly #upper: Float64Array;
  readonly #second: Float64Array;
  readonly #third: Float64Array;
  readonly #multipliers: Float64Array;
  readonly #swapped: Uint8Array;

  constructor(diagonal: Float64Array, offDiagonal: Float64Array, smallestPivot: number) {
    const size = diagonal.length;
    this.#diagonal = diagonal;
    this.#offDiagonal = offDiagonal;
    this.#smallestPivot = smallestPivot;
    this.#upper = new Float64Array(size);
    this.#second = new Float64Array(size);
    this.#third = new Float64Array(size);
    this.#multipliers = new Float64Array(size);
    this.#swapped = new Uint8Array(size);
  }

  factor(shift: number): void {
    const size = this.#diagonal.length;
    const e = this.#offDiagonal;
    let pivot = this.#diagonal[0] - shift;
    let beside = size > 1 ? e[0] : 0;
    for (let i = 0; i + 1 < size; i++) {
      const below = e[i];
      const next = this.#diagonal[i + 1] - shift;
      const afterNext = i + 2 < size ? e[i + 1] : 0;
      const swap = Math.abs(below) > Math.abs(pivot);
      this.#swapped[i] = swap ? 1 : 0;
      if (swap) {
        const factor = pivot / below;
        this.#upper[i] = below;
        this.#second[i] = next;
        this.#third[i] = afterNext;
        this.#multipliers[i] = factor;
        pivot = beside - factor * next;
        beside = -factor * afterNext;
      } else {
        const safe = this.#safe(pivot);
        const factor = below / safe;
        this.#upper[i] = safe;
        this.#second[i] = beside;
        this.#third[i] = 0;
        this.#multipliers[i] = factor;
        pivot = next - factor * beside;
        beside = afterNext;
      }
    }
    this.#upper[size - 1] = this.#safe(pivot);
  }

  #safe(pivot: number): number {
    if (Math.abs(pivot) >= this.#smallestPivot) return pivot;
    return pivot < 0 ? -this.#smallestPivot : this.#smallestPivot;
  }

  /** Overwrites b with the solution. */
  solve(b: Float64Array): void {
    const size = b.length;
    const upper = this.#upper;
    const second = this.#second;
    const third = this.#third;
    const multipliers = this.#multipliers;
    for (let i = 0; i + 1 < size; i++) {
      if (this.#swapped[i] === 1) {
        const kept = b[i];
        b[i] = b[i + 1];
        b[i + 1] = kept - multipliers[i] * b[i];
      } else b[i + 1] -= multipliers[i] * b[i];
    }
    for (let i = size - 1; i >= 0; i--) {
      let value = b[i];
      if (i + 1 < size) value -= second[i] * b[i + 1];
      if (i + 2 < size) value -= third[i] * b[i + 2];
      b[i] = value / upper[i];
    }
  }
}
