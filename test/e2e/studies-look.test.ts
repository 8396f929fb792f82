import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright-core';
import { expect, test } from 'vitest';
import { tempDir } from '../fixtures/temp-dir.ts';
import { writeSeries } from '../fixtures/write-study.ts';
import { ask } from './ask.ts';
import { root } from './electron-dist.ts';
import { describeApp, launchApp } from './launch-app.ts';

const screenshots = join(root, 'out', 'screenshots');
mkdirSync(screenshots, { recursive: true });

describeApp('the look of the page of studies', () => {
  test('fits in both languages and themes, at two sizes and at 200 %', async () => {
    const folder = tempDir();
    const patient = {
      '00100010': ['PN', 'Mustermann^Erika^^Dr.'],
      '00100030': ['DA', '19571104'],
      '00100040': ['CS', 'F'],
    } as const;
    writeSeries(folder, { slices: 12, number: 2, fields: { ...patient, '0008103e': ['LO', 'Lung 1.0'] } });
    writeSeries(folder, { slices: 9, number: 3, fields: { ...patient, '0008103e': ['LO', 'Abdomen'] } });
    renameSync(join(folder, '3-00004.dcm'), join(folder, 'x'));
    writeSeries(folder, { slices: 2, number: 4, fields: { ...patient, '0008103e': ['LO', 'Scout'] } });
    renameSync(join(folder, 'x'), join(tempDir(), 'x'));
    const { app, page } = await launchApp({ args: [folder] });
    await ask(page, 'studies.scan', join(root, 'resources', 'study'));
    for (const language of ['en', 'de'] as const) {
      for (const theme of ['light', 'dark'] as const) {
        await ask(page, 'settings.change', { language, theme });
        await page.reload();
        await page.getByRole('img').nth(0).waitFor();
        for (const [width, height, zoom] of [
          [1366, 768, 1],
          [1920, 1080, 1],
          [1366, 768, 2],
        ] as const) {
          await app.evaluate(
            ({ BrowserWindow }, { width, height, zoom }) => {
              const [window] = BrowserWindow.getAllWindows();
              window!.setBounds({ x: 0, y: 0, width, height });
              window!.webContents.setZoomFactor(zoom);
            },
            { width, height, zoom },
          );
          await page.waitForFunction((zoom) => devicePixelRatio === zoom, zoom);
          await page.waitForTimeout(300);
          const name = `studies-${language}-${theme}-${width}x${height}${zoom === 1 ? '' : `-${zoom * 100}`}.png`;
          await capture(app, join(screenshots, name));
          const overflow = await page
            .locator('main')
            .evaluate(
              (main) =>
                [main, ...main.querySelectorAll('li, section')].filter(
                  (each) => each.scrollWidth > each.clientWidth,
                ).length,
            );
          expect([name, overflow]).toEqual([name, 0]);
        }
      }
    }
  });
});

/** What the window shows, whole at any zoom. */
async function capture(app: ElectronApplication, path: string): Promise<void> {
  const png = await app.evaluate(async ({ BrowserWindow }) => {
    const image = await BrowserWindow.getAllWindows()[0]!.webContents.capturePage();
    return image.toPNG().toString('base64');
  });
  writeFileSync(path, Buffer.from(png, 'base64'));
}
