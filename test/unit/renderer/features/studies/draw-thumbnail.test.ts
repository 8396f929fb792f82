import { expect, test } from 'vitest';
import { drawThumbnail, thumbnailSize } from '../../../../../renderer/features/studies/draw-thumbnail.ts';

const square = { rowSpacingMm: 1, columnSpacingMm: 1 };
const greyAt = ({ rgba, width }: ReturnType<typeof drawThumbnail>, x: number, y: number) =>
  rgba[(y * width + x) * 4];

test('has the proportions of the patient, not of the pixels', () => {
  const values = new Float32Array(100 * 50);
  const tall = drawThumbnail(values, { rows: 100, columns: 50, ...square }, 'CT');
  expect([tall.width, tall.height]).toEqual([thumbnailSize / 2, thumbnailSize]);
  const wide = drawThumbnail(values, { rows: 100, columns: 50, rowSpacingMm: 1, columnSpacingMm: 4 }, 'CT');
  expect([wide.width, wide.height]).toEqual([thumbnailSize, thumbnailSize / 2]);
  // A localizer of one line, or spacing that lies, is still a picture.
  const flat = drawThumbnail(new Float32Array(500), { rows: 1, columns: 500, ...square }, 'CT');
  expect([flat.width, flat.height]).toEqual([thumbnailSize, 1]);
});

test('CT: air is black, bone is white, water lies between; every pixel is opaque', () => {
  const [rows, columns] = [3, 3];
  const values = Float32Array.from({ length: 9 }, (_, at) => [-1000, 0, 1500][at % 3]!);
  const drawn = drawThumbnail(values, { rows, columns, ...square }, 'CT');
  const middle = drawn.height >> 1;
  expect(greyAt(drawn, 0, middle)).toBe(0);
  expect(greyAt(drawn, drawn.width >> 1, middle)).toBe(Math.round((750 / 1200) * 255));
  expect(greyAt(drawn, drawn.width - 1, middle)).toBe(255);
  expect(drawn.rgba.filter((_, at) => at % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
});

test('where it is smaller than the plane, a pixel is the mean of all voxels under it', () => {
  const size = thumbnailSize * 4;
  // Black and white in turns: a picture that left voxels out would be one or the other.
  const values = Float32Array.from({ length: size * size }, (_, at) =>
    (at + Math.floor(at / size)) % 2 ? 450 : -750,
  );
  const { rgba } = drawThumbnail(values, { rows: size, columns: size, ...square }, 'CT');
  const greys = new Set(rgba.filter((_, at) => at % 4 === 0));
  // 127.5, rounded half to even as Uint8ClampedArray does.
  expect(greys).toEqual(new Set([128]));
});

test('other modalities are stretched over what they hold, and no number is black', () => {
  const [rows, columns] = [64, 64];
  const values = Float32Array.from({ length: rows * columns }, (_, at) => 1e6 + (at % columns));
  values.fill(NaN, 0, columns);
  const drawn = drawThumbnail(values, { rows, columns, ...square }, 'MR');
  expect(greyAt(drawn, 0, 0)).toBe(0);
  expect(greyAt(drawn, drawn.width - 1, drawn.height - 1)).toBe(255);
});
