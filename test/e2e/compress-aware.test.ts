import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withDatabase } from '../fixtures/dump-database.ts';
import { root } from './electron-dist.ts';
import { describeApp, launchApp, type LaunchedApp } from './launch-app.ts';
import { choose } from './models-page.ts';
import { openPage } from './open-page.ts';

const study = join(root, 'resources', 'study');

/** What is stored of models. */
function stored(dataDir: string): unknown {
  const tables = ['blobs', 'models', 'model_variants', 'variant_networks', 'evaluations'];
  const counts = tables.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join();
  return withDatabase(dataDir, (db) => db.prepare(`SELECT ${counts}`).get());
}

/** Processes of the app that run networks or work with models. */
function workers(app: LaunchedApp['app']): Promise<string[]> {
  return app.evaluate(({ app: electron }) =>
    electron
      .getAppMetrics()
      .map(({ name, serviceName }) => name ?? serviceName ?? '')
      .filter((name) => /Thinslice (engine|models)/.test(name)),
  );
}

describeApp('variants that are fitted to a study', () => {
  test('are begun on the models page, tell how far they are, and leave nothing when somebody cancels', async () => {
    const { app, page, dataDir, complaints } = await launchApp();
    await openPage(page, 'Models');
    await page.getByRole('heading', { name: 'Variants' }).waitFor();
    const make = page.getByRole('button', { name: 'Make variants…' });
    const before = stored(dataDir);

    await choose(app, study);
    await make.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: /^Fitted to/ }).check();
    const start = dialog.getByRole('button', { name: 'Make', exact: true });
    // There is nothing to fit to yet.
    expect(await start.isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Choose…' }).click();
    await expect.poll(() => dialog.getByLabel('Study to fit to').inputValue()).toBe(study);
    // More than could be done before somebody cancels.
    for (const factor of await dialog.getByRole('checkbox').all()) await factor.check();
    await start.click();

    const progress = page.getByRole('progressbar');
    await expect.poll(() => progress.getAttribute('value').then(Number)).toBeGreaterThan(0);
    expect(await workers(app)).toContain('Thinslice models');
    expect(await make.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.').waitFor();
    await progress.waitFor({ state: 'detached' });

    expect(await page.getByRole('rowheader').allInnerTexts()).toEqual(['full']);
    expect(stored(dataDir)).toEqual(before);
    await expect.poll(() => workers(app)).toEqual([]);
    await expect.poll(() => make.isEnabled()).toBe(true);
    expect(complaints).toEqual([]);
  });
});
