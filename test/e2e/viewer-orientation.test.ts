import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { orientations, writeOrientedSeries } from '../fixtures/make-orientations.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { describeApp, launchApp } from './launch-app.ts';
import { lettersOf, openVolume, planes, readCanvas, settle, type Pixels, type Plane } from './viewer-page.ts';

/** Radiological convention. */
const wanted: Readonly<Record<Plane, readonly string[]>> = {
  axial: ['A', 'P', 'R', 'L'],
  coronal: ['H', 'F', 'R', 'L'],
  sagittal: ['H', 'F', 'A', 'P'],
};

/** Where bone is seen: the middle of the white pixels, from the middle of the canvas, to the right and down, as signs. */
function sideOfBone({ width, height, grey }: Pixels): readonly [number, number] {
  let [x, y, count] = [0, 0, 0];
  grey.forEach((value, i) => {
    if (value < 250) return;
    count++;
    x += (i % width) - width / 2;
    y += Math.floor(i / width) - height / 2;
  });
  expect(count).toBeGreaterThan(100);
  return [Math.sign(x), Math.sign(y)];
}

/** Clicks 14 mm from the middle of a plane: the 48 mm of the image fill its height. */
async function clickBeside(page: Page, plane: Plane, right: number, down: number): Promise<void> {
  const view = page.locator(`[data-view=${plane}]`);
  const { width, height } = (await view.boundingBox())!;
  const offset = (14 * height) / 48;
  await view.click({ position: { x: width / 2 + right * offset, y: height / 2 + down * offset } });
  await settle(page);
}

describeApp('orientation', () => {
  test('is that of the patient, however the axes of the images lie', async () => {
    const folder = tempDir();
    orientations.forEach(([row, column], i) => writeOrientedSeries(folder, i + 1, row, column));
    expect(orientations).toHaveLength(24);
    const { page, complaints } = await launchApp({ args: [folder] });
    for (const [i, orientation] of orientations.entries()) {
      const name = JSON.stringify(orientation);
      await openVolume(page, i);
      for (const plane of planes) expect(await lettersOf(page, plane), name).toEqual(wanted[plane]);
      // In front of the middle nothing but soft tissue: the planes are moved through the bone, a click in each of two.
      await clickBeside(page, 'coronal', 1, -1);
      await clickBeside(page, 'axial', 1, -1);
      const shown = await Promise.all(planes.map(async (plane) => sideOfBone(await readCanvas(page, plane))));
      expect(shown, name).toEqual([
        [1, -1],
        [1, -1],
        [-1, -1],
      ]);
      await page.keyboard.press('Alt+1');
    }
    expect(complaints).toEqual([]);
  });
});
