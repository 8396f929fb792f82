import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { withDatabase } from '../fixtures/dump-database.ts';
import type { WindowApi } from '../../main/contract/ipc-schema.ts';
import { createRandom } from '../fixtures/random.ts';
import { noiseImage, smallCompressedModel, smallManifest } from '../fixtures/small-model.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { writeSeries } from '../fixtures/write-study.ts';
import { ask } from './ask.ts';
import { root } from './electron-dist.ts';
import { describeApp, launchApp, type LaunchedApp } from './launch-app.ts';
import { openPage, resize } from './open-page.ts';
import { seriousViolations } from './check-accessibility.ts';

const screenshots = join(root, 'out', 'screenshots');
const study = join(root, 'resources', 'study');
const variant = 'df-0.5-cheaper';
const random = createRandom(11);
mkdirSync(screenshots, { recursive: true });

async function chooseFile(app: LaunchedApp['app'], page: Page, path: string): Promise<void> {
  await app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
  }, path);
  await page.getByRole('button', { name: 'Add file…' }).click();
  await page.getByRole('dialog').getByText(path).waitFor();
}

/** The step that the panel tells of. */
async function stepOf(page: Page): Promise<number> {
  const text = await page
    .getByText(/^Step [\d,]+/)
    .first()
    .textContent();
  return Number(/Step ([\d,]+)/.exec(text!)![1]!.replace(',', ''));
}

interface Heard {
  readonly api: WindowApi;
  readonly seen: (string | null)[];
}

/** Names of the processes of the app that work with models. */
function workers(app: LaunchedApp['app']): Promise<string[]> {
  return app.evaluate(({ app: electron }) =>
    electron
      .getAppMetrics()
      .map(({ name, serviceName }) => name ?? serviceName ?? '')
      .filter((name) => name.includes('models')),
  );
}

describeApp('recovering accuracy', () => {
  test('learns, is paused over an end of the program, goes on with its curve, and shows what came of it', async () => {
    const { data: dataDir } = await smallCompressedModel(random);
    const first = await launchApp({ dataDir, args: [study] });
    await resize(first.app, first.page, 1366, 768);
    await first.page.locator('[data-volume]').first().waitFor();
    await openPage(first.page, 'Models');
    await first.page.getByRole('button', { name: `Recover accuracy of ${variant}` }).click();
    const dialog = first.page.getByRole('dialog');
    const start = dialog.getByRole('button', { name: 'Start learning' });
    // What was opened before is offered.
    await dialog.getByText(study).waitFor();
    await dialog.getByText('Choose two studies at least').waitFor();
    expect(await start.isDisabled()).toBe(true);
    const images = [noiseImage(random), noiseImage(random), noiseImage(random)];
    for (const image of images) await chooseFile(first.app, first.page, image);
    await dialog.getByText('2 to learn on; the last one of those chosen is taken to judge by.').waitFor();
    await dialog.getByLabel(images[2]!).selectOption('To judge by');
    await dialog.getByText('2 to learn on, 1 to judge by.').waitFor();
    await dialog.getByLabel('Minutes of learning').fill('0.4');
    await dialog.getByText('The processor is busy for 24 s').waitFor();
    expect(await seriousViolations(first.page)).toEqual([]);
    await first.page.screenshot({ path: join(screenshots, 'tune-dialog.png') });
    await start.click();

    const curve = first.page.getByRole('img', { name: /^Loss: -?\d\S* at first, -?\d\S* now$/ });
    await curve.waitFor();
    await first.page
      .getByRole('img', { name: /^Agreement .*: [01]\.\d{3} before, [01]\.\d{3} now$/ })
      .waitFor();
    expect(await first.page.getByRole('button', { name: 'Make variants…' }).isDisabled()).toBe(true);
    expect(await workers(first.app)).not.toEqual([]);
    await first.page.getByRole('button', { name: 'Pause' }).click();
    await first.page.getByText('Paused. What was learnt is kept').waitFor();
    await expect.poll(() => workers(first.app)).toEqual([]);
    const paused = await stepOf(first.page);
    const drawn = await curve.locator('path').getAttribute('d');
    await first.page.waitForTimeout(500);
    expect(await stepOf(first.page)).toBe(paused);
    expect(await seriousViolations(first.page)).toEqual([]);
    await first.page.screenshot({ path: join(screenshots, 'tune-paused.png') });
    await first.close();

    const { app, page, complaints } = await launchApp({ dataDir });
    await resize(app, page, 1366, 768);
    await openPage(page, 'Models');
    await page.getByText('Paused. What was learnt is kept').waitFor();
    expect(await stepOf(page)).toBe(paused);
    expect(await page.getByRole('img', { name: /^Loss/ }).locator('path').getAttribute('d')).toBe(drawn);
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => stepOf(page)).toBeGreaterThan(paused);
    await page.screenshot({ path: join(screenshots, 'tune-learning.png') });
    await page.getByRole('heading', { name: `Kept as ${variant}-tuned` }).waitFor();
    const judged = page.getByRole('table', { name: /^Dice with the full model/ });
    const [before, after] = await judged.getByRole('cell').allTextContents();
    expect(Number(after)).toBeGreaterThan(Number(before));
    expect(await seriousViolations(page)).toEqual([]);
    await page.screenshot({ path: join(screenshots, 'tune-done.png') });
    await page.getByRole('button', { name: 'Show in the list' }).click();
    const row = page.getByRole('row', { name: `${variant}-tuned` });
    await row.getByText(`from ${variant}`).waitFor();
    await expect.poll(() => row.evaluate((each) => each === document.activeElement)).toBe(true);
    await page.getByRole('button', { name: 'Close' }).click();
    await judged.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  test('makes way for a segmentation, and leaves nothing when it is given up', async () => {
    const manifest = { ...smallManifest, channels: [{ ...smallManifest.channels[0], modality: '' }] };
    const { data: dataDir, id: model } = await smallCompressedModel(random, manifest);
    const folder = tempDir();
    writeSeries(folder, { slices: 100 });
    const { page } = await launchApp({ dataDir });
    const { studies } = await ask(page, 'studies.scan', folder);
    const volume = { studyUid: studies[0]!.studyUid, volumeId: studies[0]!.series[0]!.volumeId };
    await openPage(page, 'Models');
    const on = [noiseImage(random), noiseImage(random)];
    await ask(page, 'tuning.start', { model, variant, on, holdOut: [], minutes: 30 });
    await expect.poll(() => stepOf(page)).toBeGreaterThan(0);
    await page.evaluate(() => {
      const { api, seen } = Object.assign(globalThis as unknown as Heard, { seen: [] });
      api.on('tuning.changed', (view) => seen.push(view?.ending === 'wait' ? 'wait' : (view?.stage ?? null)));
    });
    const order = { volume, model, variant: 'full', device: 'cpu', maxSeconds: null, channels: {} };
    await ask(page, 'jobs.enqueue', order);
    const state = async () => (await ask(page, 'jobs.list', undefined))[0]!.state;
    await expect.poll(state).toBe('done');
    // It stopped, read its images anew, and learnt on from where it was.
    const heard = () => page.evaluate(() => (globalThis as unknown as Heard).seen.join(' '));
    await expect.poll(heard).toMatch(/wait .*load .*learn/);
    expect(await stepOf(page)).toBeGreaterThan(0);

    await page.getByRole('button', { name: 'Cancel…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Give it up' }).click();
    await page.getByRole('button', { name: 'Cancel…' }).waitFor({ state: 'detached' });
    expect(await ask(page, 'tuning.get', undefined)).toBeNull();
    const left = withDatabase(dataDir, (db) =>
      db.prepare('SELECT (SELECT count(*) FROM tunings) + (SELECT count(*) FROM tune_orders)').pluck().get(),
    );
    expect(left).toBe(0);
  });
});
