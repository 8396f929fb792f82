import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { root } from './electron-dist.ts';
import { describeApp, launchApp } from './launch-app.ts';
import { watchMain, watchWindow } from './watch-loop.ts';

const study = join(root, 'resources', 'study');
const screenshots = join(root, 'out', 'screenshots');
mkdirSync(screenshots, { recursive: true });
const shot = (page: Page, name: string) => page.screenshot({ path: join(screenshots, `${name}.png`) });

async function openSegmentTab(page: Page): Promise<void> {
  await page.locator('[data-volume]').first().click();
  await page.getByRole('tab', { name: 'Segment' }).click();
}

describeApp('a segmentation in the window', () => {
  test('says before what it takes, shows how far it is, and its labels appear', async () => {
    const { app, page, complaints } = await launchApp({ args: [study] });
    await openSegmentTab(page);
    const start = page.getByRole('button', { name: 'Run segmentation' });
    await expect.poll(() => start.isEnabled(), { timeout: 30_000 }).toBe(true);
    await page.getByText(/No variant is more faithful|As you chose/).waitFor();
    await shot(page, 'run-card');
    const [main, window] = [await watchMain(app), await watchWindow(page)];
    await start.click();
    await page.getByRole('progressbar').waitFor();
    await shot(page, 'run-progress');
    await page.getByText('is done').waitFor({ timeout: 120_000 });
    console.log('gaps', await main.longestMs(), await window.longestMs());
    await page.getByRole('tab', { name: 'Results' }).click();
    await page.getByRole('button', { name: 'Hide' }).waitFor();
    await shot(page, 'run-results');
    await page.getByRole('button', { name: 'Jobs' }).click();
    await page.getByText('Done', { exact: true }).waitFor();
    await shot(page, 'jobs');
    expect(complaints).toEqual([]);
  });
});
