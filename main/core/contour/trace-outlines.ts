/** A closed walk over corners of pixels, row and column one after the other; the last corner leads to the first. */
export type Outline = readonly number[];

/**
 * The outlines of one label in one plane, along the borders of its pixels: corner (r, c) is the upper left one of pixel
 * (r, c), so it lies half a pixel before the pixel's centre. The label is on the right hand of who walks: outer outlines run clockwise with
 * rows downwards, those of holes the other way round. Pixels that touch at a corner only are not joined. The area inside is that of the pixels,
 * exactly. Corners on a straight line are left out.
 *
 * @param labels one plane, row after row
 * @param bounds of the label in the plane, [start, end)
 */
export function traceOutlines(
  labels: Uint8Array,
  columns: number,
  value: number,
  bounds: { readonly start: readonly [number, number]; readonly end: readonly [number, number] },
): Outline[] {
  const edges = borderEdges(labels, columns, value, bounds);
  const outlines: Outline[] = [];
  for (const start of edges.keys()) {
    while (edges.get(start) !== 0) outlines.push(follow(edges, start, columns + 1));
  }
  return outlines;
}

// A step to the right, down, left, up, as (row, column).
const steps = [
  [0, 1],
  [1, 0],
  [0, -1],
  [-1, 0],
] as const;

/** For each corner, bit d where a border leaves it in direction d. */
function borderEdges(
  labels: Uint8Array,
  columns: number,
  value: number,
  { start, end }: Parameters<typeof traceOutlines>[3],
): Map<number, number> {
  const [firstRow, firstColumn] = start;
  const [endRow, endColumn] = end;
  const edges = new Map<number, number>();
  const width = columns + 1;
  const add = (row: number, column: number, direction: number): void => {
    const corner = row * width + column;
    edges.set(corner, (edges.get(corner) ?? 0) | (1 << direction));
  };
  for (let row = firstRow; row < endRow; row++) {
    for (let column = firstColumn; column < endColumn; column++) {
      const at = row * columns + column;
      if (labels[at] !== value) continue;
      if (row === firstRow || labels[at - columns] !== value) add(row, column, 0);
      if (column === endColumn - 1 || labels[at + 1] !== value) add(row, column + 1, 1);
      if (row === endRow - 1 || labels[at + columns] !== value) add(row + 1, column + 1, 2);
      if (column === firstColumn || labels[at - 1] !== value) add(row + 1, column, 3);
    }
  }
  return edges;
}

/** Takes one outline out of the edges, from a corner on. */
function follow(edges: Map<number, number>, start: number, width: number): Outline {
  const outline: number[] = [];
  let corner = start;
  let last = -1;
  let first = -1;
  do {
    const directions = edges.get(corner)!;
    const direction = choose(directions, last);
    edges.set(corner, directions & ~(1 << direction));
    if (direction !== last) outline.push(Math.floor(corner / width), corner % width);
    if (first < 0) first = direction;
    const [down, right] = steps[direction]!;
    corner += down * width + right;
    last = direction;
  } while (corner !== start || !isEndOf(edges.get(corner)!, last, first));
  // The start may lie within a straight line.
  return last === first ? outline.slice(2) : outline;
}

/** Where two borders meet at a corner, the right turn keeps to the same pixel. */
function choose(directions: number, last: number): number {
  const turns = last < 0 ? [0, 1, 2, 3] : [(last + 1) % 4, last, (last + 3) % 4];
  return turns.find((direction) => (directions >> direction) & 1)!;
}

/** Back at the start the walk ends, unless it still has to go round the pixel on its right. */
function isEndOf(left: number, last: number, first: number): boolean {
  if (left === 0) return true;
  const next = choose(left, last);
  // A right turn other than the first step belongs to this walk only where the first step was not that turn.
  return (last + 1) % 4 === first || next !== (last + 1) % 4;
}

/** Twice the area would be the shoelace sum; in pixels, positive where the walk has its inside on the right. */
export function outlineArea(outline: Outline): number {
  let sum = 0;
  for (let at = 0; at < outline.length; at += 2) {
    const next = (at + 2) % outline.length;
    sum += outline[at + 1]! * outline[next]! - outline[next + 1]! * outline[at]!;
  }
  return sum / 2;
}
