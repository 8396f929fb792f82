import { expect, it } from 'vitest';
import { writeStl } from '../../../../main/core/stl/write-stl.ts';

it('writes each triangle with its unit normal and corners, after an 80-byte text', () => {
  const mesh = {
    positions: Float32Array.of(0, 0, 0, 2, 0, 0, 0, 3, 0, 5, 5, 5),
    triangles: Uint32Array.of(0, 1, 2, 3, 3, 3),
  };
  const bytes = writeStl(mesh, `Größe ${'x'.repeat(100)}`);
  const view = new DataView(bytes.buffer);
  expect(bytes.length).toBe(84 + 2 * 50);
  // ASCII only: readers take a text that begins with "solid" and odd bytes for the other kind of STL.
  expect(new TextDecoder().decode(bytes.subarray(0, 80))).toBe(`Gr??e ${'x'.repeat(74)}`);
  expect(view.getUint32(80, true)).toBe(2);
  const floats = (at: number) => Array.from({ length: 12 }, (_, i) => view.getFloat32(at + 4 * i, true));
  expect(floats(84)).toEqual([0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0]);
  // No area, so no normal.
  expect(floats(134)).toEqual([0, 0, 0, 5, 5, 5, 5, 5, 5, 5, 5, 5]);
  expect(view.getUint16(132, true)).toBe(0);
});
