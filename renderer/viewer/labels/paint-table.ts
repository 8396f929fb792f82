import type { Vec3 } from '../../../main/core/volume/volume.ts';

/** How labels are drawn: what each value 0…255 looks like. */
export interface PaintTable {
  /** RGBA, a byte each, red first: as a canvas has it. */
  readonly fill: Uint8ClampedArray;
  /** CSS colours of the outlines; by value. */
  readonly lines: readonly (string | undefined)[];
  /** 1 for what is drawn at all. */
  readonly isShown: Uint8Array;
  readonly outlined: boolean;
}

export interface PaintedLabel {
  readonly value: number;
  /** sRGB, 0…255. */
  readonly color: Vec3;
  readonly isShown: boolean;
}

/** @param opacity of the fill, 0…1; 0 leaves outlines alone */
export function paintTable(
  labels: readonly PaintedLabel[],
  { opacity, outlined }: { readonly opacity: number; readonly outlined: boolean },
): PaintTable {
  const fill = new Uint8ClampedArray(4 * 256);
  const lines: string[] = [];
  const isShown = new Uint8Array(256);
  for (const { value, color, isShown: shown } of labels) {
    if (!shown) continue;
    isShown[value] = 1;
    fill.set([...color, 255 * opacity], 4 * value);
    lines[value] = `rgb(${color.join(' ')})`;
  }
  return { fill, lines, isShown, outlined };
}

/** The pixels of a slice, RGBA. */
export function paintSlice(values: Uint8Array, { fill }: PaintTable, out: Uint8ClampedArray): void {
  const table = new Uint32Array(fill.buffer, fill.byteOffset, 256);
  const pixels = new Uint32Array(out.buffer, out.byteOffset, values.length);
  for (let at = 0; at < values.length; at++) pixels[at] = table[values[at]!]!;
}
