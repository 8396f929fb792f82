import { monitorEventLoopDelay } from 'node:perf_hooks';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { dicomBytes, fieldClaiming, join as joinBytes } from '../fixtures/dicom-bytes.ts';
import { sliceFields } from '../fixtures/slice-fields.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { writeSeries } from '../fixtures/write-study.ts';
import { drop } from './drop-files.ts';
import { describeApp, launchApp, type LaunchedApp } from './launch-app.ts';

describeApp('large folders', () => {
  test('one series of 1,000 slices', async () => {
    const folder = tempDir();
    writeSeries(folder, { slices: 1000 });
    const { page } = await openWatched(folder, '1,000 slices');
    await page.getByText('1,000 slices').waitFor();
    await page.getByRole('img', { name: /^Middle slice/ }).waitFor();
  });

  test('300 series: pictures come for those in sight, and for others when they are', async () => {
    const folder = tempDir();
    for (let number = 1; number <= 300; number++) writeSeries(folder, { slices: 3, number });
    const { page } = await openWatched(folder, '300 series');
    await page.waitForFunction(() => document.querySelectorAll('[data-volume]').length === 300);
    const pictures = page.getByRole('img', { name: /^Middle slice/ });
    await pictures.first().waitFor();
    expect(await pictures.count()).toBeLessThan(100);
    const last = page.getByRole('listitem').filter({ hasText: 'Series 300' });
    await last.scrollIntoViewIfNeeded();
    await last.getByRole('img').waitFor();
  });

  test('a header of 32 MB', async () => {
    const folder = tempDir();
    // Some private elements of 12 bytes each, as no scanner writes them and a parser has to walk through.
    const element = fieldClaiming('00291010', 'LO', 4, new Uint8Array(4).fill(0x20));
    const filler = joinBytes(new Array<Uint8Array>(2_700_000).fill(element));
    const { '7fe00010': _pixels, ...fields } = sliceFields(0);
    writeFileSync(join(folder, 'huge.dcm'), dicomBytes(fields, { tail: filler }));
    writeSeries(folder, { slices: 5 });
    const { page } = await openWatched(folder, 'a header of 32 MB');
    await page.locator('[data-volume]').first().waitFor();
  });
});

/**
 * Opens a folder in a window that is shown already, and prints for how long its thread and the main process did not
 * answer, beside what other programs of the machine cause; that they do answer while the folder is read is asserted.
 */
async function openWatched(folder: string, what: string): Promise<LaunchedApp> {
  const launched = await launchApp();
  const { app, page } = launched;
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForTimeout(1000);
  await watchLoop(app);
  await page.waitForTimeout(2000);
  const idleMs = await longestGapMs(app);
  await watchTasks(page);
  await watchLoop(app);
  await drop(page, [folder]);
  let answers = 0;
  while ((await page.locator('[data-volume]').count()) === 0) answers++;
  await page.waitForTimeout(1500);
  const gapMs = await longestGapMs(app);
  const tasksMs = await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
  console.log(
    `${what}: longest gap of the main process ${gapMs.toFixed(0)} ms (idle ${idleMs.toFixed(0)} ms); long tasks of ` +
      `the window, ms: ${tasksMs.map((each) => each.toFixed(0)).join(', ') || 'none'}; asked ${answers} times meanwhile`,
  );
  expect(answers).toBeGreaterThan(0);
  return launched;
}

type Monitor = typeof monitorEventLoopDelay;
type Loop = ReturnType<Monitor>;

async function watchLoop(app: ElectronApplication): Promise<void> {
  await app.evaluate(() => {
    const perfHooks = process.getBuiltinModule('node:perf_hooks') as { monitorEventLoopDelay: Monitor };
    const loop = perfHooks.monitorEventLoopDelay({ resolution: 5 });
    loop.enable();
    Object.assign(globalThis, { loop });
  });
}

function longestGapMs(app: ElectronApplication): Promise<number> {
  return app.evaluate(() => {
    const { loop } = globalThis as unknown as { loop: Loop };
    loop.disable();
    return loop.max / 1e6;
  });
}

/** Tasks of more than 50 ms, as the browser reports them. */
async function watchTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const longTasks: number[] = [];
    Object.assign(globalThis, { longTasks });
    new PerformanceObserver((list) =>
      longTasks.push(...list.getEntries().map((each) => each.duration)),
    ).observe({ type: 'longtask', buffered: false });
  });
}
