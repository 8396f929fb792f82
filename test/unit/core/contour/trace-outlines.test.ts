import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinHoles } from '../../../../main/core/contour/join-holes.ts';
import { outlineArea, traceOutlines, type Outline } from '../../../../main/core/contour/trace-outlines.ts';

/** A plane of digits, `.` for 0. */
const plane = (...rows: string[]) => ({
  labels: Uint8Array.from(rows.join('').replaceAll('.', '0'), Number),
  rows: rows.length,
  columns: rows[0]!.length,
});
type Plane = ReturnType<typeof plane>;
const trace = ({ labels, rows, columns }: Plane, value = 1) =>
  traceOutlines(labels, columns, value, { start: [0, 0], end: [rows, columns] });

/** Whether a point is inside by the even-odd rule. */
function contains(outline: Outline, row: number, column: number): boolean {
  let inside = false;
  for (let at = 0; at < outline.length; at += 2) {
    const next = (at + 2) % outline.length;
    const [r0, c0, r1, c1] = [outline[at]!, outline[at + 1]!, outline[next]!, outline[next + 1]!];
    if (r0 > row !== r1 > row && column < c0 + ((row - r0) / (r1 - r0)) * (c1 - c0)) inside = !inside;
  }
  return inside;
}

const painted = (outlines: readonly Outline[], { rows, columns }: Plane) =>
  Uint8Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns) + 0.5, (at % columns) + 0.5];
    return outlines.filter((outline) => contains(outline, row, column)).length;
  });

describe('outlines of a label', () => {
  it('run around pixels, clockwise, with corners only where they turn', () => {
    expect(trace(plane('....', '.11.', '.11.', '....'))).toEqual([[1, 1, 1, 3, 3, 3, 3, 1]]);
  });

  it('reach the border of the plane', () => {
    expect(trace(plane('11', '11'))).toEqual([[0, 0, 0, 2, 2, 2, 2, 0]]);
  });

  it('are one each for pixels that touch at a corner only', () => {
    const outlines = trace(plane('1.', '.1'));
    expect(outlines.map(outlineArea)).toEqual([1, 1]);
    expect(trace(plane('.1', '1.')).map(outlineArea)).toEqual([1, 1]);
  });

  it('run the other way around holes, which a channel joins', () => {
    const ring = plane('1111', '1..1', '1.21', '1111');
    expect(
      trace(ring)
        .map(outlineArea)
        .toSorted((a, b) => a - b),
    ).toEqual([-4, 16]);
    const joined = joinHoles(trace(ring));
    expect(joined).toHaveLength(1);
    expect(outlineArea(joined[0]!)).toBe(12);
  });

  it('have the area of the pixels and paint just them again, whatever the plane', () => {
    const planes = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
      .chain(([rows, columns]) =>
        fc
          .array(fc.constantFrom(0, 1, 1, 2), { minLength: rows * columns, maxLength: rows * columns })
          .map((values) => ({ labels: Uint8Array.from(values), rows, columns })),
      );
    fc.assert(
      fc.property(planes, (each) => {
        const joined = joinHoles(trace(each));
        const expected = each.labels.map((value) => (value === 1 ? 1 : 0));
        expect(joined.reduce((sum, outline) => sum + outlineArea(outline), 0)).toBe(
          expected.reduce((sum, value) => sum + value, 0),
        );
        expect(painted(joined, each)).toEqual(expected);
      }),
      { seed: 20261129, numRuns: 2000 },
    );
  });
});
