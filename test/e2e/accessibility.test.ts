import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seriousViolations } from './check-accessibility.ts';
import { root } from './electron-dist.ts';
import { describeApp, launchApp } from './launch-app.ts';
import { openPage, pageNames, resize } from './open-page.ts';

const study = join(root, 'resources', 'study');

describeApp('a checker of accessibility', () => {
  test.each(['light', 'dark'] as const)('finds nothing serious on any page, %s', async (theme) => {
    const { app, page } = await launchApp({ args: [study] });
    await resize(app, page, 1366, 768);
    await openPage(page, 'Settings');
    await page.getByLabel('Theme').selectOption(theme);
    for (const name of pageNames) {
      await openPage(page, name);
      if (name === 'Models') await page.getByRole('heading', { name: 'Variants' }).waitFor();
      if (name === 'Devices') await page.getByText('Needs no check').waitFor();
      expect([name, await seriousViolations(page)]).toEqual([name, []]);
    }
    await openPage(page, 'Models');
    await page.getByRole('button', { name: 'Make variants…' }).click();
    expect(['ladder', await seriousViolations(page)]).toEqual(['ladder', []]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(['shortcuts', await seriousViolations(page)]).toEqual(['shortcuts', []]);
  });

  test('finds nothing serious beside images that have no result, and in German settings', async () => {
    const { page } = await launchApp({ args: [study] });
    await page.locator('[data-volume]').first().click();
    await page.getByRole('main', { name: 'Viewer' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await page.waitForTimeout(200);
      expect([await tab.textContent(), await seriousViolations(page)]).toEqual([await tab.textContent(), []]);
    }
    await openPage(page, 'Settings');
    await page.getByLabel('Language').selectOption('de');
    await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  });
});
