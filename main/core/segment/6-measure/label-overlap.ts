import type { Box } from '../../volume/box.ts';
import type { Vec3 } from '../../volume/volume.ts';
import { LabelmapSizeError } from './dice.ts';

/** Values of a labelmap: 0 (background) … 255. */
const LABELS = 256;

/** Where one label lies in two labelmaps. */
export interface LabelOverlap {
  readonly value: number;
  readonly referenceVoxels: number;
  readonly comparedVoxels: number;
  readonly commonVoxels: number;
  /** Around its voxels in both maps, z, y, x; empty at 0, 0, 0 where there are none. */
  readonly box: Box;
}

/**
 * Counts and boxes of every label value, by value (0…255), in one pass over both maps.
 *
 * @throws LabelmapSizeError
 */
export function overlapByLabel(
  reference: Uint8Array,
  compared: Uint8Array,
  [depth, rows, columns]: Vec3,
): readonly LabelOverlap[] {
  if (reference.length !== compared.length) throw new LabelmapSizeError(reference.length, compared.length);
  const inReference = new Float64Array(LABELS);
  const inCompared = new Float64Array(LABELS);
  const inBoth = new Float64Array(LABELS);
  const bounds = new Bounds();
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < rows; y++) {
      const row = (z * rows + y) * columns;
      for (let x = 0; x < columns;) {
        // A run along x of one label in each map.
        const a = reference[row + x];
        const b = compared[row + x];
        const first = x;
        do x++;
        while (x < columns && reference[row + x] === a && compared[row + x] === b);
        inReference[a] += x - first;
        inCompared[b] += x - first;
        bounds.add(a, z, y, first, x);
        if (a === b) inBoth[a] += x - first;
        else bounds.add(b, z, y, first, x);
      }
    }
  }
  return Array.from({ length: LABELS }, (_, value) => ({
    value,
    referenceVoxels: inReference[value],
    comparedVoxels: inCompared[value],
    commonVoxels: inBoth[value],
    box: bounds.box(value),
  }));
}

/** A growing box a label; planes come in ascending order. */
class Bounds {
  readonly #zMin = new Int32Array(LABELS).fill(-1);
  readonly #zEnd = new Int32Array(LABELS);
  readonly #yMin = new Int32Array(LABELS).fill(2 ** 31 - 1);
  readonly #yEnd = new Int32Array(LABELS);
  readonly #xMin = new Int32Array(LABELS).fill(2 ** 31 - 1);
  readonly #xEnd = new Int32Array(LABELS);

  add(label: number, z: number, y: number, first: number, end: number): void {
    if (this.#zMin[label] < 0) this.#zMin[label] = z;
    this.#zEnd[label] = z + 1;
    if (y < this.#yMin[label]) this.#yMin[label] = y;
    if (y >= this.#yEnd[label]) this.#yEnd[label] = y + 1;
    if (first < this.#xMin[label]) this.#xMin[label] = first;
    if (end > this.#xEnd[label]) this.#xEnd[label] = end;
  }

  box(label: number): Box {
    if (this.#zMin[label] < 0) return { start: [0, 0, 0], end: [0, 0, 0] };
    return {
      start: [this.#zMin[label], this.#yMin[label], this.#xMin[label]],
      end: [this.#zEnd[label], this.#yEnd[label], this.#xEnd[label]],
    };
  }
}
