import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { tempDir } from '../fixtures/temp-dir.ts';
import { root } from './electron-dist.ts';
import { describeApp, launchApp, type LaunchedApp } from './launch-app.ts';
import { choose, removeModel, storedModels } from './models-page.ts';
import { openPage, pageNames, resize } from './open-page.ts';

const screenshots = join(root, 'out', 'screenshots');
const study = join(root, 'resources', 'study');
const bundled = join(root, 'resources', 'models', 'ct-tissue');

describeApp('the pages', () => {
  test('are drawn in both sizes', async () => {
    const { app, page, complaints } = await launchApp({ args: [study] });
    mkdirSync(screenshots, { recursive: true });
    for (const [width, height] of [
      [1366, 768],
      [1920, 1080],
    ] as const) {
      await resize(app, page, width, height);
      for (const name of pageNames) {
        await openPage(page, name);
        if (name === 'Devices') await page.getByText('Needs no check').waitFor();
        if (name === 'Models') await page.getByRole('heading', { name: 'Variants' }).waitFor();
        await page.screenshot({ path: join(screenshots, `${name.toLowerCase()}-${width}x${height}.png`) });
        // Nothing is wider than the page: a table that is scrolls in a box of its own.
        const wide = await page.evaluate(() => {
          const main = document.querySelector('main')!;
          return main.scrollWidth - main.clientWidth;
        });
        expect([name, wide]).toEqual([name, 0]);
      }
    }
    expect(complaints).toEqual([]);
  });

  test('are reached and worked by keyboard alone', async () => {
    const { page } = await launchApp({ args: [study] });
    for (const [index, name] of pageNames.entries()) {
      await page.keyboard.press(`Alt+${index + 1}`);
      await page.waitForFunction((title) => document.title.startsWith(title), name);
      await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
    }
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await sheet.getByText('Larger text and controls').waitFor();
    expect(await sheet.getByText('Alt').count()).toBeGreaterThanOrEqual(6);
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'hidden' });

    // Beside open images all features have their keys, and no letter may mean two things.
    await openPage(page, 'Studies');
    await page.locator('[data-volume]').first().click();
    await page.getByRole('tab').first().waitFor();
    await page.keyboard.press('?');
    await sheet.waitFor();
    const keys = await sheet.locator('dt').allTextContents();
    const letters = keys.map((each) => each.trim()).filter((each) => /^[A-Z]$/.test(each));
    expect(letters.length).toBeGreaterThan(5);
    expect(letters.toSorted()).toEqual([...new Set(letters)].toSorted());
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'hidden' });

    await page.keyboard.press('Alt+6');
    const language = page.getByLabel('Language');
    await tabTo(page, 'Language');
    expect(await language.evaluate((each) => each === document.activeElement)).toBe(true);
    // A shortcut of one letter is no shortcut while somebody types.
    await tabTo(page, 'Time wished for, minutes');
    await page.keyboard.press('?');
    expect(await sheet.isVisible()).toBe(false);
  });

  test('zoom to 200 % and back, with nothing lost', async () => {
    const { app, page } = await launchApp();
    await resize(app, page, 1366, 768);
    await page.keyboard.press('Alt+6');
    await page.getByRole('main', { name: 'Settings' }).waitFor();
    for (let press = 0; press < 6; press++) await pressKey(app, '=');
    await expect.poll(() => page.evaluate(() => window.innerWidth)).toBeLessThan(700);
    const cut = await page.evaluate(() => {
      const main = document.querySelector('main')!;
      const nav = document.querySelector('nav')!;
      return [main.scrollWidth - main.clientWidth, nav.scrollWidth - nav.clientWidth];
    });
    expect(cut).toEqual([0, 0]);
    await page.screenshot({ path: join(screenshots, 'settings-200-percent.png') });
    await pressKey(app, '0');
    await expect.poll(() => page.evaluate(() => window.innerWidth)).toBeGreaterThan(1300);
  });
});

describeApp('the settings', () => {
  test('are applied at once and kept', async () => {
    const dataDir = tempDir();
    const first = await launchApp({ dataDir });
    await openPage(first.page, 'Settings');
    await first.page.getByLabel('Language').selectOption('de');
    await first.page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
    await first.page.getByText('Nur für Forschungszwecke').first().waitFor();
    expect(await first.page.evaluate(() => document.documentElement.lang)).toBe('de');
    expect(await first.page.title()).toMatch(/^Einstellungen/);
    const light = await groundOf(first.page, 'light');
    const dark = await groundOf(first.page, 'dark');
    expect(dark).not.toBe(light);
    await first.app.evaluate(({ dialog }) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: ['/exports'] });
    });
    await first.page.getByRole('button', { name: 'Wählen…' }).click();
    await expect.poll(() => first.page.getByLabel('Ordner für Exporte').inputValue()).toBe('/exports');
    await first.page.getByLabel('Gewünschte Dauer').fill('2.5');
    await first.page.getByLabel('Gewünschte Dauer').blur();
    expect(await first.page.getByLabel('Daten von Thinslice').inputValue()).toBe(dataDir);
    await first.page.getByText('Lizenzen der verwendeten Pakete').click();
    await first.page.getByText(/^onnxruntime-node /).waitFor();
    await first.close();

    const { page } = await launchApp({ dataDir });
    await openPage(page, 'Einstellungen');
    expect(await page.getByLabel('Ordner für Exporte').inputValue()).toBe('/exports');
    expect(await page.getByLabel('Gewünschte Dauer').inputValue()).toBe('2.5');
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
  });
});

describeApp('the devices', () => {
  test('are named with what they can do, and are checked again on demand', async () => {
    const { page } = await launchApp();
    await openPage(page, 'Devices');
    await page.getByText('Needs no check').waitFor();
    await page.getByText('Instruction sets').waitFor();
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByText(/^Trusted: \d/).waitFor();
    await page.getByText('All devices were checked.').waitFor();
  });
});

describeApp('the models', () => {
  test('are read, shown with their licence, and stored only then', async () => {
    const { app, page } = await launchApp();
    await openPage(page, 'Models');
    await page.getByRole('heading', { name: 'Variants' }).waitFor();
    await removeModel(page);
    await choose(app, bundled);
    await page.getByRole('button', { name: 'Import folder…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('region', { name: 'Licence' }).waitFor();
    expect(await storedModels(page)).toEqual([]);
    await page.screenshot({ path: join(screenshots, 'models-import.png') });
    await dialog.getByRole('button', { name: 'Do not import' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await storedModels(page)).toEqual([]);

    await page.getByRole('button', { name: 'Import folder…' }).click();
    await page.getByRole('button', { name: 'Accept and import' }).click();
    await page.getByText(/was imported\.$/).waitFor();
    expect(await storedModels(page)).toHaveLength(1);
    await page.getByLabel('Search labels').fill('lung');
    await page.getByText(/^[1-9]\d* of \d+$/).waitFor();
  });

  test('are refused in words where they are no models', async () => {
    const { app, page } = await launchApp();
    await openPage(page, 'Models');
    await page.getByRole('heading', { name: 'Variants' }).waitFor();
    await choose(app, study);
    await page.getByRole('button', { name: 'Import folder…' }).click();
    await page.getByRole('alert').filter({ hasText: 'cannot be used as a model' }).waitFor();
  });

  test('are compressed, compared and packed, with progress, while other pages work', async () => {
    const { app, page, complaints } = await launchApp();
    await openPage(page, 'Models');
    await page.getByRole('button', { name: 'Make variants…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: 'A budget' }).check();
    await dialog.getByLabel('Budgets').fill('30%');
    await dialog.getByRole('button', { name: 'Make', exact: true }).click();
    await page.getByRole('progressbar').waitFor();
    await openPage(page, 'Settings');
    await page.getByLabel('Language').waitFor();
    await openPage(page, 'Models');
    await page.getByText(/variants of .* are ready/).waitFor();
    await page.getByRole('rowheader', { name: 'share-30' }).waitFor();

    await choose(app, study);
    await page.getByRole('button', { name: 'Compare share-30' }).click();
    await page.getByText(/^Dice [01]\.\d\d on average, 1 image\.$/).waitFor();
    await page.screenshot({ path: join(screenshots, 'models-compared.png') });

    const pack = join(tempDir(), 'x.thinslice');
    await app.evaluate(({ dialog: dialogs }, filePath) => {
      dialogs.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, pack);
    await page.getByRole('button', { name: 'Write pack…' }).click();
    await page.getByText(`Wrote ${pack}`).waitFor();
    await removeModel(page);
    await choose(app, pack);
    await page.getByRole('button', { name: 'Import file…' }).click();
    await page.getByRole('dialog').getByText('not signed').waitFor();
    await page.getByRole('button', { name: 'Accept and import' }).click();
    await page.getByRole('rowheader', { name: 'share-30' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('stop being compressed when somebody says so', async () => {
    const { page } = await launchApp();
    await openPage(page, 'Models');
    await page.getByRole('button', { name: 'Make variants…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make', exact: true }).click();
    await page.getByRole('progressbar').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.').waitFor();
    await page.getByRole('progressbar').waitFor({ state: 'detached' });
    expect(await page.getByRole('rowheader').count()).toBe(1);
  });
});

/** Ctrl and a key as the system gives them, which the main process hears before the page. */
async function pressKey(app: LaunchedApp['app'], keyCode: string): Promise<void> {
  await app.evaluate(({ BrowserWindow }, key) => {
    const { webContents } = BrowserWindow.getAllWindows()[0]!;
    webContents.sendInputEvent({ type: 'keyDown', keyCode: key, modifiers: ['control'] });
    webContents.sendInputEvent({ type: 'keyUp', keyCode: key, modifiers: ['control'] });
  }, keyCode);
}

/** By Tab alone: a control that it does not reach fails the test. */
async function tabTo(page: Page, name: string): Promise<void> {
  const wanted = page.getByLabel(name);
  for (let press = 0; press < 60; press++) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate((each) => each === document.activeElement)) return;
  }
  throw new Error(`Tab does not reach ${name}`);
}

async function groundOf(page: Page, theme: 'light' | 'dark'): Promise<string> {
  await page.getByLabel('Farben').selectOption(theme);
  await page.waitForFunction((wanted) => document.documentElement.dataset['theme'] === wanted, theme);
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}
