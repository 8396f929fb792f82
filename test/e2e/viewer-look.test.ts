import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ResultSummary, ResultView } from '../../main/contract/ipc/result-channels.ts';
import { bundledStudy } from '../fixtures/run-thinslice.ts';
import { ask } from './ask.ts';
import { seriousViolations } from './check-accessibility.ts';
import { root } from './electron-dist.ts';
import { describeApp, launchApp } from './launch-app.ts';
import { resize } from './open-page.ts';
import { dataWithResult, makeResult, removeResult } from './result-page.ts';
import { openVolume, settle } from './viewer-page.ts';

const screenshots = join(root, 'out', 'screenshots');
mkdirSync(screenshots, { recursive: true });
const sizes = [
  [1920, 1080],
  [1366, 768],
] as const;
const tabs = ['image', 'run', 'results', 'labels', 'correct', 'compare', 'export'] as const;

describeApp('the look of the tabs beside the images', () => {
  beforeAll(makeResult);
  afterAll(removeResult);

  test.each([
    ['en', 'light'],
    ['de', 'dark'],
  ] as const)('%s, %s: on one line, nothing cut off, nothing serious for axe', async (language, theme) => {
    const { app, page, complaints } = await launchApp({ dataDir: dataWithResult(), args: [bundledStudy] });
    await ask(page, 'settings.change', { language, theme });
    await storeSame(page);
    await page.reload();
    await page.locator('[data-volume]').waitFor();
    await resize(app, page, ...sizes[1]);
    await openVolume(page);
    const tab = (name: (typeof tabs)[number]) => page.locator(`#viewer-tab-${name}`);
    const panel = page.getByRole('tabpanel');
    await tab('results').click();
    await panel.locator('li').first().getByRole('button').first().click();
    for (const name of tabs) {
      if (name === 'compare') {
        await tab('results').click();
        await panel.locator('li').last().getByRole('button').last().click();
      }
      await tab(name).click();
      if (name === 'run') await panel.locator('[aria-busy=false] dl').waitFor();
      if (name === 'results') await panel.locator('li').nth(1).waitFor();
      if (name === 'labels' || name === 'compare') await panel.getByRole('table').waitFor();
      if (name === 'correct') await panel.locator('button[aria-pressed]').nth(3).click();
      for (const [width, height] of sizes) {
        await resize(app, page, width, height);
        await settle(page);
        await page.screenshot({
          path: join(screenshots, `viewer-${name}-${language}-${theme}-${width}x${height}.png`),
        });
        expect.soft([name, width, await misfits(page)]).toEqual([name, width, []]);
      }
      expect.soft([name, await seriousViolations(page)]).toEqual([name, []]);
    }
    await page.keyboard.press('Alt+3');
    await page.locator('main tbody tr').nth(1).waitFor();
    for (const [width, height] of sizes) {
      await resize(app, page, width, height);
      await settle(page);
      await page.screenshot({
        path: join(screenshots, `results-${language}-${theme}-${width}x${height}.png`),
      });
      const main = page.locator('main');
      expect(await main.evaluate((each) => each.scrollWidth - each.clientWidth)).toBe(0);
    }
    expect(complaints).toEqual([]);
  });
});

/** Stores the labels of the only result again, as a version to compare with. */
async function storeSame(page: Page): Promise<void> {
  const [result] = (await ask(page, 'results.list', null)) as readonly ResultSummary[];
  const { labelsUrl } = (await ask(page, 'results.get', result!.id)) as ResultView;
  const status = await page.evaluate(async (url) => {
    const labels = await (await fetch(url)).arrayBuffer();
    return (await fetch(url, { method: 'PUT', body: labels })).status;
  }, labelsUrl);
  expect(status).toBeLessThan(300);
}

/** What is wider than its place, higher than a line where it should be one, or has words cut off. */
function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const panel = document.querySelector('[role=tabpanel]')!;
    const tabs = [...document.querySelectorAll<HTMLElement>('[role=tab]')];
    const tops = new Set(tabs.map((tab) => tab.getBoundingClientRect().top));
    if (tops.size > 1) found.push('tabs on several lines');
    const selected = tabs.find((tab) => tab.getAttribute('aria-selected') === 'true')!;
    const list = selected.parentElement!.getBoundingClientRect();
    const { left, right } = selected.getBoundingClientRect();
    if (left < list.left - 1 || right > list.right + 1) found.push('the selected tab is cut off');
    for (const each of [panel, ...panel.querySelectorAll(':not(.visually-hidden, svg, svg *)')]) {
      const isWide = each.clientWidth > 0 && each.scrollWidth > each.clientWidth + 1;
      const { overflowX, textOverflow } = getComputedStyle(each);
      if (isWide && textOverflow !== 'ellipsis' && !(overflowX === 'auto' && each.clientWidth > 200))
        found.push(`${each.tagName} ${each.className}: ${each.textContent.trim().slice(0, 40)}`);
    }
    const corners = [...document.querySelectorAll('[data-view] .corner')].map((each) => [
      each.closest('[data-view]'),
      each.getBoundingClientRect(),
    ]) as [Element, DOMRect][];
    for (const [view, a] of corners)
      for (const [other, b] of corners)
        if (a !== b && view === other && a.left < b.right && b.left < a.right)
          if (a.top < b.bottom && b.top < a.bottom) found.push('texts in the corners overlap');
    return found;
  });
}
