import { mergeMoments, type Moments } from '../../volume/moments.ts';
import type { Vec3, Voxels } from '../../volume/volume.ts';

/** What is known of one label after looking at some planes. */
export interface LabelSums {
  readonly moments: Moments;
  /** First and last index along z, y, x, inclusive. */
  readonly min: Vec3;
  readonly max: Vec3;
}

/** One entry a label value, 0…255; null where the label has no voxel. */
export type AllLabelSums = readonly (LabelSums | null)[];

const LABELS = 256;

/**
 * Sums over every label but background in planes [from, to) along z, in one pass. Sums of values and of squares are
 * taken a plane at a time, where those of integer intensities are exact, and planes are merged as moments, so
 * that nothing cancels over a large volume.
 */
export function sumLabels(task: {
  readonly labels: Uint8Array;
  readonly voxels: Voxels;
  readonly shapeZyx: Vec3;
  readonly from: number;
  readonly to: number;
}): AllLabelSums {
  const { labels, voxels, shapeZyx } = task;
  let merged: AllLabelSums = new Array<null>(LABELS).fill(null);
  const plane = new PlaneSums();
  for (let z = task.from; z < task.to; z++) {
    plane.clear();
    plane.add(labels, voxels, z, shapeZyx);
    merged = mergeLabelSums(merged, plane.toLabelSums(z));
  }
  return merged;
}

/** The sums over the planes of both. */
export function mergeLabelSums(a: AllLabelSums, b: AllLabelSums): AllLabelSums {
  return a.map((left, value) => {
    const right = b[value];
    if (left === null) return right;
    if (right === null) return left;
    const low = (axis: 0 | 1 | 2) => Math.min(left.min[axis], right.min[axis]);
    const high = (axis: 0 | 1 | 2) => Math.max(left.max[axis], right.max[axis]);
    return {
      moments: mergeMoments(left.moments, right.moments),
      min: [low(0), low(1), low(2)],
      max: [high(0), high(1), high(2)],
    };
  });
}

/** Accumulators for one plane, a slot for each label value. */
class PlaneSums {
  readonly #count = new Float64Array(LABELS);
  readonly #sum = new Float64Array(LABELS);
  readonly #squares = new Float64Array(LABELS);
  /** Sums are of v − shift, with the first value seen as shift: a large mean costs no digits. */
  readonly #shift = new Float64Array(LABELS);
  readonly #valueMin = new Float64Array(LABELS);
  readonly #valueMax = new Float64Array(LABELS);
  readonly #yMin = new Int32Array(LABELS);
  readonly #yMax = new Int32Array(LABELS);
  readonly #xMin = new Int32Array(LABELS);
  readonly #xMax = new Int32Array(LABELS);

  clear(): void {
    this.#count.fill(0);
  }

  /** Goes through the plane by runs of one label along x. */
  add(labels: Uint8Array, voxels: Voxels, z: number, [, rows, columns]: Vec3): void {
    for (let y = 0; y < rows; y++) {
      const row = (z * rows + y) * columns;
      for (let x = 0; x < columns;) {
        const label = labels[row + x];
        const first = x;
        do x++;
        while (x < columns && labels[row + x] === label);
        if (label !== 0) this.#addRun(label, voxels, row, y, first, x);
      }
    }
  }

  #addRun(label: number, voxels: Voxels, row: number, y: number, first: number, end: number): void {
    if (this.#count[label] === 0) this.#open(label, voxels[row + first], y, first);
    const shift = this.#shift[label];
    let sum = 0;
    let squares = 0;
    let min = this.#valueMin[label];
    let max = this.#valueMax[label];
    for (let i = row + first; i < row + end; i++) {
      const value = voxels[i];
      const shifted = value - shift;
      sum += shifted;
      squares += shifted * shifted;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    this.#count[label] += end - first;
    this.#sum[label] += sum;
    this.#squares[label] += squares;
    this.#valueMin[label] = min;
    this.#valueMax[label] = max;
    this.#yMax[label] = y;
    if (first < this.#xMin[label]) this.#xMin[label] = first;
    if (end - 1 > this.#xMax[label]) this.#xMax[label] = end - 1;
  }

  #open(label: number, value: number, y: number, x: number): void {
    this.#sum[label] = 0;
    this.#squares[label] = 0;
    this.#shift[label] = value;
    this.#valueMin[label] = value;
    this.#valueMax[label] = value;
    this.#yMin[label] = y;
    this.#xMin[label] = x;
    this.#xMax[label] = x;
  }

  toLabelSums(z: number): AllLabelSums {
    return Array.from(this.#count, (count, label) => (count === 0 ? null : this.#close(label, count, z)));
  }

  #close(label: number, count: number, z: number): LabelSums {
    const mean = this.#sum[label] / count;
    const moments: Moments = {
      count,
      mean: this.#shift[label] + mean,
      squares: Math.max(0, this.#squares[label] - this.#sum[label] * mean),
      min: this.#valueMin[label],
      max: this.#valueMax[label],
    };
    return {
      moments,
      min: [z, this.#yMin[label], this.#xMin[label]],
      max: [z, this.#yMax[label], this.#xMax[label]],
    };
  }
}
