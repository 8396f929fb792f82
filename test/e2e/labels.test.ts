import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { bundledStudy, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { root } from './electron-dist.ts';
import { describeApp, launchApp, type LaunchedApp } from './launch-app.ts';

const screenshots = join(root, 'out', 'screenshots');
mkdirSync(screenshots, { recursive: true });

/** A data folder with a result of the bundled model on the bundled study, as the command makes it. */
async function dataWithResult(): Promise<string> {
  const data = process.env['THINSLICE_TEST_DATA'];
  if (data) return data;
  const made = tempDir();
  await thinsliceJson(['segment', bundledStudy, '--data', made, '--out', tempDir(), '--format', 'json']);
  return made;
}

async function openResult(dataDir: string): Promise<LaunchedApp> {
  const launched = await launchApp({ dataDir, args: [bundledStudy] });
  const { page } = launched;
  await page.locator('[data-volume]').first().click();
  await page.locator('[data-view=axial] canvas').first().waitFor();
  await page.getByRole('tab', { name: 'Results' }).click();
  await page.getByRole('button', { name: 'Show', exact: true }).first().click();
  await page.getByRole('tab', { name: 'Labels' }).click();
  await page.getByRole('table', { name: 'Labels of the result' }).waitFor();
  await page.locator('canvas[data-labels=axial]').waitFor();
  return launched;
}

/** How many pixels of the labels over a plane have a colour, near the one of `rgb` where that is given. */
function countPainted(page: Page, plane: string, rgb?: readonly number[]): Promise<number> {
  return page.evaluate(
    ([name, color]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`canvas[data-labels=${name as string}]`)!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] === 0) continue;
        const wanted = color as readonly number[] | undefined;
        if (!wanted || wanted.every((part, i) => Math.abs(part - data[at + i]!) <= 6)) count++;
      }
      return count;
    },
    [plane, rgb] as const,
  );
}

describeApp('labels', () => {
  test('lie over the images, and are hidden and shown alone', async () => {
    const { page, complaints } = await openResult(await dataWithResult());
    await page.waitForTimeout(1500);
    await page.screenshot({ path: join(screenshots, 'labels.png') });
    for (const plane of ['axial', 'coronal', 'sagittal'])
      expect(await countPainted(page, plane)).toBeGreaterThan(1000);
    expect(complaints).toEqual([]);
  });
});
