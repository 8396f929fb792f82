import type { Box } from '../../../main/core/volume/box.ts';
import type { Vec3 } from '../../../main/core/volume/volume.ts';

/** The box of a label's voxels; it may be larger after some were taken away. */
export class LabelBox {
  #min = [Infinity, Infinity, Infinity];
  #max = [-1, -1, -1];

  add(z: number, y: number, x: number): void {
    const [min, max] = [this.#min, this.#max];
    if (z < min[0]!) min[0] = z;
    if (z > max[0]!) max[0] = z;
    if (y < min[1]!) min[1] = y;
    if (y > max[1]!) max[1] = y;
    if (x < min[2]!) min[2] = x;
    if (x > max[2]!) max[2] = x;
  }

  box(): Box {
    return {
      start: [...this.#min] as unknown as Vec3,
      end: this.#max.map((last) => last + 1) as unknown as Vec3,
    };
  }
}

export type LabelBoxes = Map<number, LabelBox>;

/** Boxes of all labels but 0, in one walk over z, y, x. Runs of one value are looked at by their ends alone. */
export function boxesOfLabels(labels: Uint8Array, [planes, rows, columns]: Vec3): LabelBoxes {
  const boxes: (LabelBox | undefined)[] = [];
  for (let z = 0, row = 0; z < planes; z++) {
    for (let y = 0; y < rows; y++, row += columns) {
      for (let x = 0; x < columns; x++) {
        const value = labels[row + x]!;
        if (value === 0) continue;
        const box = (boxes[value] ??= new LabelBox());
        box.add(z, y, x);
        while (x + 1 < columns && labels[row + x + 1] === value) x++;
        box.add(z, y, x);
      }
    }
  }
  return new Map(boxes.flatMap((box, value) => (box ? [[value, box] as const] : [])));
}
