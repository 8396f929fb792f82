import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { readSeg } from '../../main/core/dicom/seg/read-seg.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { root } from './electron-dist.ts';
import { describeApp, launchApp } from './launch-app.ts';
import { photograph } from './viewer-page.ts';
import { watchIdle, watchMain, watchWindow } from './watch-loop.ts';

const study = join(root, 'resources', 'study');
const screenshots = join(root, 'out', 'screenshots');
mkdirSync(screenshots, { recursive: true });
const shot = (page: Page, name: string) => page.screenshot({ path: join(screenshots, `${name}.png`) });

async function openSegmentTab(page: Page): Promise<void> {
  await page.locator('[data-volume]').first().click();
  await page.getByRole('tab', { name: 'Segment' }).click();
}

/** Presses the one button, once the card says what it would do. */
async function start(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Run segmentation' });
  await expect.poll(() => button.isEnabled()).toBe(true);
  await button.click();
}

const goTo = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click();
const progressbar = (page: Page) => page.locator('progress').first();

/** Process ids of the engines of an app. */
const enginesOf = (app: ElectronApplication) =>
  app.evaluate(({ app: electron }) =>
    electron
      .getAppMetrics()
      .filter(({ name }) => name === 'Thinslice engine')
      .map(({ pid }) => pid),
  );

describeApp('a segmentation in the window', () => {
  test('says before what it takes, shows how far it is, and its labels appear; the export reads back', async () => {
    const outputFolder = tempDir();
    const { app, page, complaints } = await launchApp({ args: [study] });
    await openSegmentTab(page);
    await page.getByText('No variant is more faithful').waitFor();
    await page
      .getByText(/^about .*(estimated|measured)/)
      .first()
      .waitFor();
    await shot(page, 'run-card');
    const [main, window, idle] = [await watchMain(app), await watchWindow(page), watchIdle()];
    await start(page);
    await progressbar(page).waitFor();
    await page.getByText('is done').waitFor();
    // Figures for the record: a test asserts no time. No picture is taken meanwhile: the main process would make it.
    const pauses = [
      await main.longestMs(),
      await main.busiestMs(),
      await window.longestMs(),
      idle.longestMs(),
    ];
    const [ofMain, computed, ofWindow, ofIdle] = pauses.map((ms) => `${ms.toFixed(0)} ms`);
    console.log(
      `longest pause while it ran: main ${ofMain} (it computed ${computed} at one go), window ${ofWindow}; a process with nothing to do ${ofIdle}`,
    );

    await page.getByRole('tab', { name: 'Results' }).click();
    await page.getByRole('button', { name: 'Hide' }).waitFor();
    await shot(page, 'run-results');
    await page.getByRole('tab', { name: 'Labels' }).click();
    await page.getByRole('tabpanel').locator(':text("lung"):visible').first().waitFor();

    await page.evaluate(
      (folder) =>
        (
          globalThis as unknown as { api: { invoke: (channel: string, args: unknown) => Promise<unknown> } }
        ).api.invoke('settings.change', { outputFolder: folder }),
      outputFolder,
    );
    await page.reload();
    await goTo(page, 'Jobs');
    await page.getByText('Done', { exact: true }).waitFor();
    await photograph(app, page, 'jobs-done');
    await page.getByRole('cell', { name: /PHANTOM/ }).waitFor();
    await page.getByRole('button', { name: 'Open' }).first().click();
    await page.getByRole('tab', { name: 'Export' }).click();
    await page.getByLabel(/RT Structure Set/).check();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByText('Written files').waitFor();
    await shot(page, 'export');
    const files = readdirSync(outputFolder).toSorted();
    expect(files.map((name) => name.replace(/^[^.]*/, ''))).toEqual([
      '.csv',
      '.pdf',
      '.rtstruct.dcm',
      '.seg.dcm',
    ]);
    const seg = readSeg(Uint8Array.from(readFileSync(join(outputFolder, files.at(-1)!))));
    expect(seg.segments.map(({ label }) => label)).toContain('lung');
    expect(seg.labelmap.labels.some((label) => label > 0)).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('goes on when its engine is killed, and says so', async () => {
    const { app, page } = await launchApp({ args: [study] });
    await openSegmentTab(page);
    await start(page);
    await page.getByRole('status').filter({ hasText: 'Segmenting' }).waitFor();
    for (const pid of await enginesOf(app)) process.kill(pid, 'SIGKILL');
    await page.getByText('was started again').waitFor();
    await shot(page, 'run-restarted');
    await page.getByText('is done').waitFor();
    await goTo(page, 'Jobs');
    await page.getByText('Done', { exact: true }).waitFor();
    await page.getByText('was started again').waitFor();
  });

  test('is cancelled; one that the program was closed over goes on after the next start', async () => {
    const dataDir = tempDir();
    const first = await launchApp({ dataDir, args: [study] });
    await openSegmentTab(first.page);
    await start(first.page);
    await progressbar(first.page).waitFor();
    await shot(first.page, 'run-progress');
    await first.page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => progressbar(first.page).count()).toBe(0);
    await goTo(first.page, 'Jobs');
    await first.page.getByText('Cancelled', { exact: true }).waitFor();
    await first.page.getByText('No results yet.').waitFor();
    await first.page.getByRole('button', { name: 'Run again' }).click();
    await first.page.getByRole('status').filter({ hasText: 'Segmenting' }).waitFor();
    await first.close();

    const second = await launchApp({ dataDir });
    await second.page.getByText('One segmentation was interrupted').waitFor();
    await goTo(second.page, 'Jobs');
    await shot(second.page, 'jobs-interrupted');
    await second.page.getByRole('button', { name: 'Go on' }).click();
    await second.page.getByText('Done', { exact: true }).waitFor();
    expect(second.complaints).toEqual([]);
  });
});
