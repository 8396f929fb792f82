import { outlineArea, type Outline } from './trace-outlines.ts';

/**
 * Outlines without holes: each hole is joined to what surrounds it by a channel of no width (the keyhole of PS3.3 section
 * C.8.8.6.3), so that a polygon has its area and needs no rule for those inside it.
 *
 * @param outlines of one label in one plane, as `traceOutlines` gives them
 */
export function joinHoles(outlines: readonly Outline[]): Outline[] {
  const joined = outlines.filter((outline) => outlineArea(outline) > 0).map((outline) => [...outline]);
  // From the left: whatever lies left of a hole has been joined before it.
  const holes = outlines
    .filter((outline) => outlineArea(outline) < 0)
    .map((outline) => startAtLeft(outline))
    .toSorted((a, b) => a[1]! - b[1]!);
  for (const hole of holes) {
    const found = nearestLeft(joined, hole[0]!, hole[1]!);
    if (!found) throw new Error('a hole lies in nothing');
    const { outline, edge, column } = found;
    const gate = [hole[0]!, column];
    // To the hole, around it, and back.
    outline.splice(edge + 2, 0, ...gate, ...hole, hole[0]!, hole[1]!, ...gate);
  }
  return joined;
}

/** The same walk, begun at its leftmost corner, the uppermost of them. */
function startAtLeft(outline: Outline): Outline {
  let best = 0;
  for (let at = 2; at < outline.length; at += 2) {
    const isLeft = outline[at + 1]! - outline[best + 1]! || outline[at]! - outline[best]!;
    if (isLeft < 0) best = at;
  }
  return [...outline.slice(best), ...outline.slice(0, best)];
}

interface Hit {
  readonly outline: number[];
  /** Where the edge begins that is hit. */
  readonly edge: number;
  readonly column: number;
}

/** The vertical edge that is met first on the way to the left. */
function nearestLeft(outlines: number[][], row: number, column: number): Hit | null {
  let best: Hit | null = null;
  for (const outline of outlines) {
    for (let edge = 0; edge < outline.length; edge += 2) {
      const next = (edge + 2) % outline.length;
      const [fromRow, fromColumn, toRow, toColumn] = [
        outline[edge]!,
        outline[edge + 1]!,
        outline[next]!,
        outline[next + 1]!,
      ];
      if (fromColumn !== toColumn || fromColumn >= column) continue;
      if (row < Math.min(fromRow, toRow) || row > Math.max(fromRow, toRow)) continue;
      if (!best || fromColumn > best.column) best = { outline, edge, column: fromColumn };
    }
  }
  return best;
}
