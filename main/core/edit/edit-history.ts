/** Voxels that got one value. */
export interface LabelChange {
  /** Numbers of the voxels, z, y, x; each once. */
  readonly indices: Uint32Array;
  /** What they were. */
  readonly before: Uint8Array;
  readonly after: number;
}

/**
 * Gives voxels a value and remembers what they were: one stroke of a tool, however many dabs it has. Voxels that have the
 * value already, and those that `mayChange` refuses, stay.
 */
export class Stroke {
  #labels: Uint8Array;
  #after: number;
  #mayChange: (value: number, voxel: number) => boolean;
  #indices: number[] = [];
  #before: number[] = [];

  constructor(labels: Uint8Array, after: number, mayChange: (value: number, voxel: number) => boolean) {
    this.#labels = labels;
    this.#after = after;
    this.#mayChange = mayChange;
  }

  /** How many voxels changed. */
  add(voxels: Iterable<number>): number {
    let changed = 0;
    for (const voxel of voxels) {
      const value = this.#labels[voxel]!;
      if (value === this.#after || !this.#mayChange(value, voxel)) continue;
      this.#labels[voxel] = this.#after;
      this.#indices.push(voxel);
      this.#before.push(value);
      changed++;
    }
    return changed;
  }

  /** null where nothing changed. */
  end(): LabelChange | null {
    if (this.#indices.length === 0) return null;
    return {
      indices: Uint32Array.from(this.#indices),
      before: Uint8Array.from(this.#before),
      after: this.#after,
    };
  }
}

/** Writes the values of a change again, or those from before it. */
export function writeChange(
  labels: Uint8Array,
  { indices, before, after }: LabelChange,
  direction: 'undo' | 'redo',
): void {
  if (direction === 'redo') for (const index of indices) labels[index] = after;
  else indices.forEach((index, i) => (labels[index] = before[i]!));
}

/** Bytes that a voxel of a change takes. */
const bytesPerVoxel = 5;

/** What can be undone and redone. The oldest changes are forgotten once all together take more than `limitBytes`. */
export class EditHistory {
  #done: LabelChange[] = [];
  #undone: LabelChange[] = [];
  /** Changes since the last `markSaved`; what was forgotten counts. */
  #sinceSaved = 0;
  #limitBytes: number;

  constructor(limitBytes = 128 << 20) {
    this.#limitBytes = limitBytes;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }
  get canRedo(): boolean {
    return this.#undone.length > 0;
  }
  /** The labels are not those that were stored last. */
  get isChanged(): boolean {
    return this.#sinceSaved !== 0;
  }

  add(change: LabelChange): void {
    this.#done.push(change);
    // What was stored lies among what cannot be redone any more: no number of steps leads back to it.
    this.#sinceSaved = this.#sinceSaved < 0 ? Infinity : this.#sinceSaved + 1;
    this.#undone = [];
    let bytes = this.#done.reduce((sum, { indices }) => sum + bytesPerVoxel * indices.length, 0);
    while (bytes > this.#limitBytes && this.#done.length > 1) {
      bytes -= bytesPerVoxel * this.#done.shift()!.indices.length;
    }
  }

  undo(): LabelChange | null {
    const change = this.#done.pop() ?? null;
    if (change) {
      this.#undone.push(change);
      this.#sinceSaved--;
    }
    return change;
  }

  redo(): LabelChange | null {
    const change = this.#undone.pop() ?? null;
    if (change) {
      this.#done.push(change);
      this.#sinceSaved++;
    }
    return change;
  }

  markSaved(): void {
    this.#sinceSaved = 0;
  }
}
