import type { Canvas, Rgb } from './canvas.ts';

/** Closed polygons, each a flat list x0, y0, x1, y1, …, in pixels. */
export type Outline = readonly (readonly number[])[];

/** Scanlines a pixel row: enough for letters of 12 pixels to look smooth. */
const scanlines = 5;

/** Fills an outline by the nonzero winding rule (that of fonts: a counter runs the other way), antialiased. */
export function fillOutline(canvas: Canvas, outline: Outline, color: Rgb): void {
  const ys = outline.flatMap((polygon) => polygon.filter((_, index) => index % 2 === 1));
  if (ys.length === 0) return;
  const top = Math.max(0, Math.floor(Math.min(...ys)));
  const bottom = Math.min(canvas.height, Math.ceil(Math.max(...ys)));
  const coverage = new Float32Array(canvas.width);
  for (let y = top; y < bottom; y++) {
    coverage.fill(0);
    for (let line = 0; line < scanlines; line++) addSpans(coverage, outline, y + (line + 0.5) / scanlines);
    coverage.forEach((covered, x) => {
      if (covered > 0) canvas.blend(x, y, color, Math.min(1, covered / scanlines));
    });
  }
}

/** Adds the part of each pixel that lies inside the outline along one scanline. */
function addSpans(coverage: Float32Array, outline: Outline, y: number): void {
  const crossings: { readonly x: number; readonly turn: number }[] = [];
  for (const polygon of outline) {
    for (let index = 0; index < polygon.length; index += 2) {
      const next = (index + 2) % polygon.length;
      const [x0, y0, x1, y1] = [polygon[index]!, polygon[index + 1]!, polygon[next]!, polygon[next + 1]!];
      if (y0 <= y === y1 <= y) continue;
      crossings.push({ x: x0 + ((y - y0) / (y1 - y0)) * (x1 - x0), turn: y0 < y1 ? 1 : -1 });
    }
  }
  crossings.sort((a, b) => a.x - b.x);
  let winding = 0;
  crossings.forEach(({ x, turn }, index) => {
    if (winding !== 0) addSpan(coverage, crossings[index - 1]!.x, x);
    winding += turn;
  });
}

function addSpan(coverage: Float32Array, from: number, to: number): void {
  const end = Math.min(coverage.length, Math.ceil(to));
  for (let x = Math.max(0, Math.floor(from)); x < end; x++) {
    coverage[x]! += Math.min(to, x + 1) - Math.max(from, x);
  }
}
