import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';
import type { Font } from 'opentype.js';
import type { TextPainter } from '../core/report/draw-montage.ts';
import { fillOutline } from '../core/report/fill-outline.ts';
import type { Outline } from '../core/report/fill-outline.ts';

/** Inter (SIL Open Font License) in two weights. */
export function loadTextPainter(): TextPainter {
  const [regular, bold] = [loadFont(400), loadFont(600)];
  const layout = (text: string, size: number, font: Font) => {
    // Glyph by glyph: Inter's contextual substitutions are beyond opentype.js, and a legend needs none.
    const glyphs = [...text].map((character) => font.charToGlyph(character));
    const scale = size / font.unitsPerEm;
    let pen = 0;
    const placed = glyphs.map((glyph) => {
      const x = pen;
      pen += (glyph.advanceWidth ?? 0) * scale;
      return { glyph, x };
    });
    return { placed, width: pen };
  };
  return {
    width: (text, { size, bold: isBold }) => layout(text, size, isBold ? bold : regular).width,
    draw: (canvas, text, left, baseline, { size, color, bold: isBold }) => {
      for (const { glyph, x } of layout(text, size, isBold ? bold : regular).placed) {
        fillOutline(canvas, flatten(glyph.getPath(left + x, baseline, size).commands), color);
      }
    },
  };
}

function loadFont(weight: 400 | 600): Font {
  const path = createRequire(import.meta.url).resolve(
    `@fontsource/inter/files/inter-latin-${weight}-normal.woff`,
  );
  const bytes = Uint8Array.from(readFileSync(path));
  return opentype.parse(bytes.buffer);
}

/** Straight pieces a curve: at text sizes more would not show. */
const pieces = 6;

function flatten(commands: opentype.PathCommand[]): Outline {
  const outline: number[][] = [];
  for (const command of commands) {
    if (command.type === 'Z') continue;
    if (command.type === 'M') {
      outline.push([command.x, command.y]);
      continue;
    }
    const polygon = outline.at(-1)!;
    const [x0, y0] = polygon.slice(-2) as [number, number];
    if (command.type === 'L') polygon.push(command.x, command.y);
    for (let piece = 1; piece <= pieces && command.type !== 'L'; piece++) {
      const t = piece / pieces;
      polygon.push(curve(command, 'x', x0, t), curve(command, 'y', y0, t));
    }
  }
  return outline;
}

function curve(
  command: Extract<opentype.PathCommand, { type: 'Q' | 'C' }>,
  axis: 'x' | 'y',
  start: number,
  t: number,
): number {
  const u = 1 - t;
  const [first, end] = [command[`${axis}1`], command[axis]];
  if (command.type === 'Q') return u * u * start + 2 * u * t * first + t * t * end;
  return u ** 3 * start + 3 * u * u * t * first + 3 * u * t * t * command[`${axis}2`] + t ** 3 * end;
}
