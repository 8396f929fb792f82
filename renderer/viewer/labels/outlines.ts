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
  const { width, height, values } = slice;
  const at = (x: number, y: number): number => {
    if (x < 0 || y < 0 || x >= width || y >= height) return 0;
    const value = values[y * width + x]!;
    return isShown[value] ? value : 0;
  };
  const add = (value: number, x0: number, y0: number, x1: number, y1: number): void => {
    if (value === 0) return;
    let list = pieces.get(value);
    if (!list) pieces.set(value, (list = []));
    list.push(x0, y0, x1, y1);
  };
  // Along each line between two rows, then between two columns: as long as the same two values meet, it is one piece.
  const walk = (lines: number, length: number, isDown: boolean): void => {
    for (let line = 0; line <= lines; line++) {
      let [from, first, second] = [0, 0, 0];
      for (let along = 0; along <= length; along++) {
        const isEnd = along === length;
        const a = isEnd ? 0 : isDown ? at(line - 1, along) : at(along, line - 1);
        const b = isEnd ? 0 : isDown ? at(line, along) : at(along, line);
        if (a === first && b === second) continue;
        if (first !== second) {
          for (const value of [first, second]) {
            if (isDown) add(value, line, from, line, along);
            else add(value, from, line, along, line);
          }
        }
        [from, first, second] = [along, a, b];
      }
    }
  };
  walk(height, width, false);
  walk(width, height, true);
  return pieces;
}
