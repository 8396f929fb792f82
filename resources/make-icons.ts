// Draws the app's icons into resources/icons: `node resources/make-icons.ts`. Three thin slices, one above the other.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';

type Rgb = readonly [red: number, green: number, blue: number];
type Point = readonly [x: number, y: number];

/** Inside the shape? In parts of the icon's width, y down. */
type Shape = { readonly color: Rgb; readonly contains: (point: Point) => boolean };

const shapes: readonly Shape[] = [
  { color: [23, 46, 66], contains: roundedSquare(0.03, 0.2) },
  ...(
    [
      [0.69, [62, 112, 148]],
      [0.5, [118, 176, 206]],
      [0.31, [240, 247, 250]],
    ] as const
  ).map(([y, color]) => ({ color, contains: slice(y, 0.34, 0.15) })),
  // What was segmented in the top one.
  { color: [226, 122, 72], contains: slice(0.31, 0.13, 0.058) },
];

function roundedSquare(margin: number, radius: number): Shape['contains'] {
  const half = 0.5 - margin - radius;
  return ([x, y]) =>
    Math.hypot(Math.max(0, Math.abs(x - 0.5) - half), Math.max(0, Math.abs(y - 0.5) - half)) <= radius;
}

/** An ellipse: a round slice seen from the side. */
function slice(centre: number, halfWidth: number, halfHeight: number): Shape['contains'] {
  return ([x, y]) => Math.hypot((x - 0.5) / halfWidth, (y - centre) / halfHeight) <= 1;
}

/** Samples a pixel's width: enough for the smallest icon to look smooth. */
const samples = 8;

function draw(size: number): Buffer {
  const png = new PNG({ width: size, height: size });
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) png.data.set(pixel(x, y, size), (y * size + x) * 4);
  }
  return PNG.sync.write(png);
}

/** The mean colour of what covers the pixel, and how much of it is covered. */
function pixel(x: number, y: number, size: number): readonly number[] {
  const sum = [0, 0, 0];
  let covered = 0;
  for (let index = 0; index < samples * samples; index++) {
    const point: Point = [
      (x + ((index % samples) + 0.5) / samples) / size,
      (y + (Math.floor(index / samples) + 0.5) / samples) / size,
    ];
    const top = shapes.findLast((shape) => shape.contains(point));
    if (!top) continue;
    covered++;
    top.color.forEach((value, channel) => (sum[channel]! += value));
  }
  if (covered === 0) return [0, 0, 0, 0];
  return [...sum.map((value) => value / covered), (covered / samples ** 2) * 255].map(Math.round);
}

/** An ICO file of PNG images (Windows Vista and later): a header, a directory of 16 bytes an image, the images. */
function toIco(sizes: readonly number[], images: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(6 + 16 * images.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(images.length, 4);
  let offset = header.length;
  images.forEach((image, index) => {
    const at = 6 + 16 * index;
    header.writeUInt8(sizes[index]! % 256, at); // 0 says 256
    header.writeUInt8(sizes[index]! % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(image.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += image.length;
  });
  return Buffer.concat([header, ...images]);
}

const folder = join(import.meta.dirname, 'icons');
mkdirSync(folder, { recursive: true });
for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) {
  writeFileSync(join(folder, `${size}x${size}.png`), draw(size));
}
const sizes = [16, 24, 32, 48, 64, 256];
writeFileSync(join(folder, 'icon.ico'), toIco(sizes, sizes.map(draw)));
