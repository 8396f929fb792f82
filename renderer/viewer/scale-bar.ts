/** Lengths that a scale bar may have, mm. */
const lengths = [1, 2, 5, 10, 20, 50, 100, 200];

/** The longest round length that takes at most `mostPixels`; the shortest one where all are too long. */
export function scaleBarMm(pixelsPerMm: number, mostPixels: number): number {
  return lengths.findLast((mm) => mm * pixelsPerMm <= mostPixels) ?? lengths[0]!;
}
