import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { readSlices } from '../fixtures/read-slices.ts';
import { root } from './electron-dist.ts';
import { describeApp, launchApp } from './launch-app.ts';
import { crosshairAt, moveTo, openVolume, photograph, readCanvas, settle } from './viewer-page.ts';

const bundled = join(root, 'resources', 'study');
const spacingMm = 1.8;

/** Presses the mouse in a view, drags it and lets it go. */
async function drag(page: Page, view: string, from: readonly number[], to: readonly number[]): Promise<void> {
  const box = (await page.locator(`[data-view=${view}]`).boundingBox())!;
  await page.mouse.move(box.x + from[0]!, box.y + from[1]!);
  await page.mouse.down();
  for (let i = 1; i <= 5; i++) {
    const at = (axis: number) => from[axis]! + ((to[axis]! - from[axis]!) * i) / 5;
    await page.mouse.move(box.x + at(0), box.y + at(1));
  }
  await page.mouse.up();
  await settle(page);
}

/** CSS pixels per mm of the axial plane, and where voxel (100, 80) is in it. */
async function axialScale(page: Page): Promise<{ perMm: number; x: number; y: number }> {
  await moveTo(page, 'axial', 32);
  await moveTo(page, 'coronal', 80);
  await moveTo(page, 'sagittal', 120);
  const [right] = await crosshairAt(page, 'axial');
  await moveTo(page, 'sagittal', 100);
  const [x, y] = await crosshairAt(page, 'axial');
  return { perMm: (right - x) / (20 * spacingMm), x, y };
}

describeApp('tools of the viewer', () => {
  test('measure lengths, angles and what is in an ellipse; Delete takes them away', async () => {
    const { app, page, complaints } = await launchApp({ args: [bundled] });
    await openVolume(page);
    const { perMm, x, y } = await axialScale(page);

    await page.getByRole('button', { name: 'Length', exact: true }).click();
    // Away from the ellipse, which would otherwise take hold of its end.
    const below = y + 40 * spacingMm * perMm;
    await drag(page, 'axial', [x, below], [x + 50 * perMm, below]);
    const panel = page.getByRole('tabpanel');
    const shown = async (line: RegExp) =>
      Number(/-?[\d.]+/.exec(await panel.getByText(line).innerText())?.[0] ?? NaN);
    // The mouse stands on whole pixels.
    await expect.poll(async () => Math.abs((await shown(/^[\d.]+ mm$/)) - 50)).toBeLessThan(1.5 / perMm);

    await page.getByRole('button', { name: 'ROI' }).click();
    // In the heart.
    const radius = 8 * spacingMm * perMm;
    await drag(page, 'axial', [x, y], [x + radius, y + radius]);
    // Which voxels at the rim are inside depends on whole pixels of the mouse.
    const inside = ellipse(32, 80, 100, 8);
    await expect.poll(async () => Math.abs((await shown(/^Mean/)) - inside.mean)).toBeLessThan(2);
    await expect.poll(async () => Math.abs((await shown(/^SD/)) - inside.deviation)).toBeLessThan(2);

    await page.getByRole('button', { name: 'Angle' }).click();
    await drag(page, 'axial', [x - 60, y - 60], [x - 60, y - 20]);
    const box = (await page.locator('[data-view=axial]').boundingBox())!;
    await page.mouse.click(box.x + x - 20, box.y + y - 20);
    await panel.getByText(/^(89|90|91)\.\d°$/).waitFor();
    // Not in the other planes, which go through the same points.
    await expect.poll(() => page.locator('[data-view=axial] svg text').count()).toBe(3);
    expect(await page.locator('[data-view=coronal] svg text').count()).toBe(0);
    expect(await page.locator('[data-view=sagittal] svg text').count()).toBe(0);
    await photograph(app, page, 'viewer-measured');

    // Whoever goes elsewhere and comes back finds all of it, with the same values, before the images are there too.
    const texts = () => page.locator('[data-view=axial] svg text').allInnerTexts();
    const [listed, drawn] = [await panel.getByRole('listitem').allInnerTexts(), (await texts()).toSorted()];
    await page.getByRole('button', { name: 'Studies' }).click();
    await openVolume(page);
    expect(await panel.getByRole('listitem').allInnerTexts()).toEqual(listed);
    await moveTo(page, 'axial', 32);
    await expect.poll(async () => (await texts()).toSorted()).toEqual(drawn);
    expect(await page.locator('[data-view=coronal] svg text').count()).toBe(0);

    await expect.poll(() => panel.getByRole('listitem').count()).toBe(3);
    await page.locator('[data-view=axial]').focus();
    for (let left = 2; left >= 0; left--) {
      await page.keyboard.press('Delete');
      await expect.poll(() => panel.getByRole('listitem').count()).toBe(left);
    }
    expect(complaints).toEqual([]);
  });

  test('change the window by drag and by preset, and the slice by wheel and keys', async () => {
    const { page } = await launchApp({ args: [bundled] });
    await openVolume(page);
    const axial = page.locator('[data-view=axial]');
    const brightness = async () =>
      (await readCanvas(page, 'coronal')).grey.reduce((sum, each) => sum + each, 0);

    const before = await brightness();
    await page.getByRole('combobox', { name: 'Window preset' }).selectOption('Lung');
    await axial.getByText('W 1,500 L -600').waitFor();
    await expect.poll(brightness).toBeGreaterThan(before * 1.3);
    await page.getByRole('button', { name: 'Window', exact: true }).click();
    await drag(page, 'axial', [200, 150], [300, 150]);
    await axial.getByText('W 1,500').waitFor({ state: 'detached' });

    await axial.focus();
    await page.keyboard.press('Home');
    await axial.getByText('Slice 1 / 64').waitFor();
    await page.keyboard.press('PageDown');
    await axial.getByText('Slice 11 / 64').waitFor();
    await page.keyboard.press('ArrowUp');
    await axial.getByText('Slice 10 / 64').waitFor();
    await page.mouse.wheel(0, 100);
    await axial.getByText('Slice 11 / 64').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('[data-view=coronal]').waitFor({ state: 'hidden' });
    await page.keyboard.press('Enter');
    await page.locator('[data-view=coronal]').waitFor();
  });

  test('show slabs and the volume in 3D', async () => {
    const { app, page, complaints } = await launchApp({ args: [bundled] });
    await openVolume(page);
    const brightness = async () =>
      (await readCanvas(page, 'coronal')).grey.reduce((sum, each) => sum + each, 0);
    const thin = await brightness();
    await page.getByRole('combobox', { name: 'Slab thickness' }).selectOption('20 mm');
    await page.locator('[data-view=coronal]').getByText('Slab 20 mm, maximum (MIP)').waitFor();
    // The largest of many values is nowhere smaller than the one.
    await expect.poll(brightness).toBeGreaterThan(thin);
    await page.getByRole('button', { name: 'Show in 3D' }).click();
    await expect
      .poll(async () => (await readCanvas(page, 'volume3d')).grey.filter((value) => value > 40).length)
      .toBeGreaterThan(5000);
    await photograph(app, page, 'viewer-slab-3d');
    expect(complaints).toEqual([]);
  });
});

/** Of the voxels of an axial slice in a circle of so many voxels, in HU. */
function ellipse(z: number, y: number, x: number, radius: number): { mean: number; deviation: number } {
  const { shapeZyx, voxels } = readSlices(bundled);
  const values: number[] = [];
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      if (Math.hypot(dx, dy) > radius) continue;
      values.push(voxels[(z * shapeZyx[1] + y + dy) * shapeZyx[2] + x + dx]!);
    }
  }
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  return {
    mean,
    deviation: Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length),
  };
}
