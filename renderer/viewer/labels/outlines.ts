import type { Slice } from './slice.ts';

/**
 * The outlines of the labels in a slice as straight pieces, four numbers each (x, y to x, y; a pixel is 1 wide, the corner
 * of the slice is 0, 0), by label. An edge between two labels belongs to both; that of the slice ends a label too. Values
 * for which `isShown` is 0 have none.
 */
export function traceOutlines(
  slice: Slice,
  isShown: ArrayLike<number>,
): ReadonlyMap<number, readonly number[]> {
  const pieces = new Map<number, number[]>();
  const { width, height } = slice;
  const framed = withFrame(slice, isShown);
  const add = (value: number, x0: number, y0: number, x1: number, y1: number): void => {
    if (value === 0) return;
    let list = pieces.get(value);
    if (!list) pieces.set(value, (list = []));
    list.push(x0, y0, x1, y1);
  };
  // Along each line between two rows, then between two columns: as long as the same two values meet, it is one piece.
  const walk = (lines: number, length: number, across: number, along: number, isDown: boolean): void => {
    for (let line = 0; line <= lines; line++) {
      let at = line * across + along;
      let [from, first, second] = [0, 0, 0];
      for (let step = 0; step <= length; step++, at += along) {
        const a = framed[at]!;
        const b = framed[at + across]!;
        if (a === first && b === second) continue;
        if (first !== second) {
          for (const value of [first, second]) {
            if (isDown) add(value, line, from, line, step);
            else add(value, from, line, step, line);
          }
        }
        from = step;
        first = a;
        second = b;
      }
    }
  };
  walk(height, width, width + 2, 1, false);
  walk(width, height, 1, width + 2, true);
  return pieces;
}

/** Kept from slice to slice: one a frame would be as much garbage. */
let kept = new Uint8Array(0);

/** What is shown of a slice, with a frame of zeros one pixel wide; until the next call. */
function withFrame({ width, height, values }: Slice, isShown: ArrayLike<number>): Uint8Array {
  const size = (width + 2) * (height + 2);
  if (kept.length < size) kept = new Uint8Array(size);
  const framed = kept.subarray(0, size).fill(0);
  for (let y = 0, from = 0; y < height; y++) {
    let to = (y + 1) * (width + 2) + 1;
    for (let x = 0; x < width; x++, from++, to++) {
      const value = values[from]!;
      if (isShown[value]) framed[to] = value;
    }
  }
  return framed;
}
