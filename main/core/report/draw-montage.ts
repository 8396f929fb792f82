import { Canvas } from './canvas.ts';
import type { Rgb } from './canvas.ts';
import { researchUseOnly } from './report.ts';

/** Draws text with its baseline at y; `width` measures it in pixels. A font is an effect, so it comes from outside. */
export interface TextPainter {
  readonly draw: (canvas: Canvas, text: string, x: number, y: number, style: TextStyle) => void;
  readonly width: (text: string, style: TextStyle) => number;
}

export interface TextStyle {
  readonly size: number;
  readonly color: Rgb;
  readonly bold?: boolean;
}

export interface Montage {
  readonly title: string;
  readonly subtitle: string;
  readonly footer: string;
  readonly tiles: readonly { readonly picture: Canvas; readonly caption: string }[];
  /** The patient direction at the left border of each tile. */
  readonly leftMark: string;
  readonly legend: readonly { readonly color: Rgb; readonly name: string; readonly volume: string }[];
}

export const montageColumns = 4;
const margin = 24;
const gap = 8;
const headerHeight = 84;
const legendRow = 26;
const footerHeight = 44;

const background: Rgb = [17, 20, 25];
const bright: Rgb = [236, 239, 244];
const dim: Rgb = [150, 158, 170];
const warning: Rgb = [255, 196, 84];
const warningText: Rgb = [32, 24, 6];

/** Planes with labels in a grid, over a legend with volumes, under a title, all marked "research use only". */
export function drawMontage(montage: Montage, text: TextPainter): Canvas {
  const first = montage.tiles[0]!.picture;
  const rows = Math.ceil(montage.tiles.length / montageColumns);
  const columnWidth = first.width + gap;
  const width = margin * 2 + montageColumns * columnWidth - gap;
  const tilesHeight = rows * (first.height + gap);
  const legendRows = Math.ceil(montage.legend.length / montageColumns);
  const legendTop = headerHeight + tilesHeight + 12;
  const height = legendTop + legendRows * legendRow + footerHeight;
  const canvas = new Canvas(width, height, background);

  drawHeader(canvas, montage, text);
  montage.tiles.forEach(({ picture, caption }, index) => {
    const left = margin + (index % montageColumns) * columnWidth;
    const top = headerHeight + Math.floor(index / montageColumns) * (first.height + gap);
    paste(canvas, picture, left, top);
    const captionStyle = { size: 13, color: bright };
    canvas.fillRect(left, top, Math.ceil(text.width(caption, captionStyle)) + 14, 24, background);
    text.draw(canvas, caption, left + 4, top + 16, captionStyle);
    const markStyle = { size: 14, color: dim, bold: true };
    text.draw(canvas, montage.leftMark, left + 5, top + Math.round(picture.height / 2) + 5, markStyle);
  });
  montage.legend.forEach((entry, index) => {
    // Down each column first, so that the model's order reads from top to bottom.
    const left = margin + Math.floor(index / legendRows) * columnWidth;
    const baseline = legendTop + (index % legendRows) * legendRow + 18;
    drawLegendEntry(canvas, entry, left, baseline, first.width, text);
  });
  text.draw(
    canvas,
    fit(montage.footer, width - 2 * margin, { size: 12, color: dim }, text),
    margin,
    height - 16,
    {
      size: 12,
      color: dim,
    },
  );
  return canvas;
}

function drawHeader(canvas: Canvas, { title, subtitle }: Montage, text: TextPainter): void {
  const badge = { size: 15, color: warningText, bold: true };
  const badgeWidth = Math.ceil(text.width(researchUseOnly, badge)) + 24;
  const badgeLeft = canvas.width - margin - badgeWidth;
  canvas.fillRect(badgeLeft, 22, badgeWidth, 32, warning);
  text.draw(canvas, researchUseOnly, badgeLeft + 12, 43, badge);
  const room = badgeLeft - margin - 20;
  const titleStyle = { size: 22, color: bright, bold: true };
  text.draw(canvas, fit(title, room, titleStyle, text), margin, 40, titleStyle);
  const subtitleStyle = { size: 14, color: dim };
  text.draw(canvas, fit(subtitle, room, subtitleStyle, text), margin, 64, subtitleStyle);
}

function drawLegendEntry(
  canvas: Canvas,
  { color, name, volume }: Montage['legend'][number],
  left: number,
  baseline: number,
  width: number,
  text: TextPainter,
): void {
  const nameStyle = { size: 14, color: bright };
  const volumeStyle = { size: 14, color: dim };
  const volumeWidth = text.width(volume, volumeStyle);
  canvas.fillRect(left, baseline - 12, 14, 14, color);
  text.draw(canvas, fit(name, width - volumeWidth - 44, nameStyle, text), left + 22, baseline, nameStyle);
  text.draw(canvas, volume, left + width - 12 - volumeWidth, baseline, volumeStyle);
}

/** The text, cut with an ellipsis where it is wider than there is room. */
function fit(content: string, room: number, style: TextStyle, text: TextPainter): string {
  if (text.width(content, style) <= room) return content;
  let kept = content;
  while (kept.length > 0 && text.width(`${kept}…`, style) > room) kept = kept.slice(0, -1);
  return `${kept}…`;
}

function paste(canvas: Canvas, picture: Canvas, left: number, top: number): void {
  const rowBytes = picture.width * 4;
  for (let y = 0; y < picture.height; y++) {
    const row = picture.rgba.subarray(y * rowBytes, (y + 1) * rowBytes);
    canvas.rgba.set(row, ((top + y) * canvas.width + left) * 4);
  }
}
