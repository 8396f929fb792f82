import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { writeManyNames, writeSeries } from '../fixtures/write-study.ts';
import { ask } from './ask.ts';
import { drop } from './drop-files.ts';
import { root, testApp } from './electron-dist.ts';
import { describeApp, launchApp } from './launch-app.ts';

const bundled = join(root, 'resources', 'study');

function studyOf(slices: number, patient: string): string {
  const folder = join(tempDir(), 'study');
  writeSeries(folder, { slices, fields: { '00100010': ['PN', patient] } });
  return folder;
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 2, name, exact: true });

describeApp('the page of studies', () => {
  test('lists what the command line names, with a picture of each series, and opens one by key', async () => {
    const { page, complaints } = await launchApp({ args: [bundled] });
    const series = page.locator('[data-volume]');
    await series.first().waitFor();
    const picture = page.getByRole('img', { name: /^Middle slice of / }).first();
    await picture.waitFor();
    expect(await greysOf(picture)).toBeGreaterThan(20);
    await series.first().focus();
    await page.keyboard.press('Enter');
    await page.locator('nav [aria-current=page]', { hasText: 'Viewer' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('says in words why a volume is refused, and does not open it', async () => {
    const folder = studyOf(12, 'Gap^Greta');
    renameSync(join(folder, '1-00005.dcm'), join(tempDir(), 'away.dcm'));
    const { page } = await launchApp({ args: [folder] });
    const item = page.getByRole('listitem').filter({ hasText: 'Refused' });
    await item.getByText('1 slice is missing').waitFor();
    await item.dblclick({ position: { x: 200, y: 20 } });
    await item.getByRole('button').press('Enter');
    await page.locator('nav [aria-current=page]', { hasText: 'Studies' }).waitFor();
    await ask(page, 'settings.change', { language: 'de' });
    await page.reload();
    await page.getByText('1 Schicht fehlt').waitFor();
    expect(await page.getByText('Abgelehnt').count()).toBe(1);
  });

  test('goes through the series of all studies by arrow keys, with one tab stop', async () => {
    const folder = tempDir();
    for (let number = 1; number <= 5; number++) {
      writeSeries(folder, {
        slices: 4,
        number,
        fields: { '0020000d': ['UI', `1.2.3.7.${number > 3 ? 2 : 1}`] },
      });
    }
    const { page } = await launchApp({ args: [folder] });
    const series = page.locator('[data-volume]');
    await series.nth(4).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-volume') ?? null);
    await series.first().focus();
    const all = await series.evaluateAll((each) => each.map((one) => one.getAttribute('data-volume')));
    for (const [key, at] of [
      ['ArrowDown', 1],
      ['ArrowDown', 2],
      ['ArrowDown', 3],
      ['ArrowUp', 2],
      ['End', 4],
      ['ArrowDown', 4],
      ['Home', 0],
      ['ArrowUp', 0],
    ] as const) {
      await page.keyboard.press(key);
      expect(await focused()).toBe(all[at]);
    }
    expect(await page.locator('[data-volume][tabindex="0"]').count()).toBe(1);
  });

  test('opens what is dropped, and says so where that is not one folder or file', async () => {
    const [first, second] = [studyOf(5, 'Drop^Dora'), studyOf(5, 'Other^Otto')];
    const { page, complaints } = await launchApp();
    await page.getByText('Drop the folder of a study').waitFor();
    await drop(page, [first]);
    await heading(page, 'Drop, Dora').waitFor();
    await drop(page, [first, second]);
    await page.getByText('Drop one folder or one file.').waitFor();
    await drop(page, []);
    await page.getByText('neither a folder nor a file').waitFor();
    await drop(page, [join(second, '1-00002.dcm')]);
    await heading(page, 'Other, Otto').waitFor();
    await page.getByText('It has 1 slice; at least').waitFor();
    await drop(page, [join(root, 'package.json')]);
    await page.getByText('no DICOM images').waitFor();
    expect(complaints).toEqual([]);
  });

  test('opens what a second start names', async () => {
    const { page, dataDir } = await launchApp({ args: [bundled] });
    await page.locator('[data-volume]').first().waitFor();
    const folder = studyOf(5, 'Second^Sven');
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const second = spawn(testApp, [...sandbox, '--data', dataDir, folder], { stdio: 'ignore' });
    const [code] = (await once(second, 'exit')) as [number];
    expect(code).toBe(0);
    await heading(page, 'Second, Sven').waitFor();
  });

  test('keeps what was opened over a restart, says what is gone, and forgets when asked twice', async () => {
    const folder = studyOf(5, 'Recent^Rita');
    const dataDir = tempDir();
    const first = await launchApp({ dataDir, args: [folder] });
    await heading(first.page, 'Recent, Rita').waitFor();
    await first.close();
    const second = await launchApp({ dataDir });
    await second.page.getByRole('button', { name: 'Open the study of Recent, Rita again' }).click();
    await heading(second.page, 'Recent, Rita').waitFor();
    await second.close();
    renameSync(folder, `${folder}-moved`);
    const { page } = await launchApp({ dataDir });
    await page.getByText('Its files are gone from this place.').waitFor();
    expect(await page.getByRole('button', { name: /Recent, Rita again/ }).count()).toBe(0);
    const forget = page.getByRole('button', { name: 'Forget the study of Recent, Rita' });
    await forget.click();
    await page.getByRole('button', { name: 'Keep' }).click();
    expect(await forget.count()).toBe(1);
    await forget.click();
    await page.getByRole('button', { name: 'Forget', exact: true }).click();
    await page.getByText('Studies that you open are listed here.').waitFor();
  });

  test('a study whose files are gone keeps its results, and leads to them', async () => {
    const folder = join(tempDir(), 'study');
    cpSync(bundled, folder, { recursive: true });
    const dataDir = tempDir();
    await thinsliceJson(['segment', folder, '--data', dataDir, '--out', tempDir()]);
    rmSync(folder, { recursive: true });
    const { page, complaints } = await launchApp({ dataDir });
    await page.getByText('Its results are kept.').waitFor();
    await page.getByRole('button', { name: /^1 result of / }).click();
    await page.locator('nav [aria-current=page]', { hasText: 'Jobs' }).waitFor();
    await page.getByText('These are the results of one study.').waitFor();
    await page.locator('main tbody tr').waitFor();
    expect(complaints).toEqual([]);
  });

  test('answers while it scans; a scan is cancelled or replaced by another', async () => {
    const large = tempDir();
    writeManyNames(large, 20_000);
    const { page, complaints } = await launchApp({ args: [large] });
    await page.getByText(/[1-9].* files looked at/).waitFor();
    await ask(page, 'settings.get', undefined);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Reading the folder was cancelled.').first().waitFor();
    expect(await page.locator('[data-volume]').count()).toBe(0);
    await drop(page, [large]);
    await page.getByText(/[1-9].* files looked at/).waitFor();
    await drop(page, [studyOf(5, 'Quick^Quentin')]);
    await heading(page, 'Quick, Quentin').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });
});

/** How many greys a picture has. */
function greysOf(picture: ReturnType<Page['getByRole']>): Promise<number> {
  return picture.evaluate((element) => {
    const image = element as HTMLImageElement;
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(data.filter((_, at) => at % 4 === 0)).size;
  });
}
