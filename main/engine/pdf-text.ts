import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';
import type { Font } from 'opentype.js';

type Document = PDFKit.PDFDocument;
export type Rgb = readonly [number, number, number];

export interface TextStyle {
  readonly size: number;
  readonly bold?: boolean;
  readonly color?: Rgb;
  /** Cut with an ellipsis where it is wider, in points. */
  readonly width?: number;
  readonly align?: 'left' | 'right';
}

/** Inter (SIL Open Font License) is packed by script; a name may be in several. */
const scripts = [
  'latin',
  'latin-ext',
  'cyrillic',
  'cyrillic-ext',
  'greek',
  'greek-ext',
  'vietnamese',
] as const;
const weights = [400, 600] as const;
/** What is written where no font has the character. */
const unknown = '?';
const ink: Rgb = [24, 28, 34];

interface Face {
  readonly name: string;
  readonly font: Font;
}

/** Writes lines of text into a PDF, each piece in a font that has its characters. */
export class PdfText {
  readonly #document: Document;
  readonly #faces: { readonly regular: readonly Face[]; readonly bold: readonly Face[] };

  constructor(document: Document) {
    this.#document = document;
    const [regular, bold] = weights.map((weight) =>
      scripts.map((script) => {
        const name = `${script}-${weight}`;
        const bytes = readFont(name);
        document.registerFont(name, bytes);
        return { name, font: opentype.parse(Uint8Array.from(bytes).buffer) };
      }),
    );
    this.#faces = { regular: regular!, bold: bold! };
  }

  /** Writes a line whose top left corner (top right where it is aligned right) is (x, y), in points from the top left of the page. */
  line(text: string, x: number, y: number, style: TextStyle): void {
    const runs = this.#runs(this.#fitted(clean(text), style), style);
    const total = runs.reduce((sum, run) => sum + run.width, 0);
    let left = style.align === 'right' ? x - total : x;
    for (const { name, text: piece, width } of runs) {
      this.#document
        .font(name)
        .fontSize(style.size)
        .fillColor([...(style.color ?? ink)])
        .text(piece, left, y, { lineBreak: false });
      left += width;
    }
  }

  /** Points that a line takes. */
  width(text: string, style: TextStyle): number {
    return this.#runs(clean(text), style).reduce((sum, run) => sum + run.width, 0);
  }

  #fitted(text: string, style: TextStyle): string {
    const room = style.width ?? Infinity;
    if (this.width(text, style) <= room) return text;
    const characters = [...text];
    while (characters.length > 0 && this.width(`${characters.join('')}…`, style) > room) characters.pop();
    return `${characters.join('')}…`;
  }

  #runs(text: string, { size, bold }: TextStyle): { name: string; text: string; width: number }[] {
    const faces = bold ? this.#faces.bold : this.#faces.regular;
    const runs: { name: string; text: string }[] = [];
    for (const character of text) {
      const face = faces.find(({ font }) => font.charToGlyphIndex(character) !== 0);
      const name = (face ?? faces[0]!).name;
      const last = runs.at(-1);
      const shown = face ? character : unknown;
      if (last?.name === name) last.text += shown;
      else runs.push({ name, text: shown });
    }
    return runs.map((run) => {
      this.#document.font(run.name).fontSize(size);
      return { ...run, width: this.#document.widthOfString(run.text) };
    });
  }
}

/** Letters with their marks in one character, and nothing that would move the pen. */
function clean(text: string): string {
  return text.normalize('NFC').replace(/\p{C}/gu, ' ');
}

function readFont(name: string): Buffer {
  return readFileSync(
    createRequire(import.meta.url).resolve(`@fontsource/inter/files/inter-${name}-normal.woff`),
  );
}
