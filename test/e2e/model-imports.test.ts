import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { manifestOf, writeModelFolder } from '../fixtures/cli-inputs.ts';
import { inFolder, writeZip } from '../fixtures/model-files.ts';
import { runThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { tinyNetworkOnnx } from '../fixtures/tiny-network.ts';
import { drop } from './drop-files.ts';
import { root } from './electron-dist.ts';
import { describeApp, launchApp, type LaunchedApp } from './launch-app.ts';
import { choose, storedModels } from './models-page.ts';
import { openPage } from './open-page.ts';

const screenshots = join(root, 'out', 'screenshots');
mkdirSync(screenshots, { recursive: true });

/** A folder with an ONNX file and its manifest. */
function modelFolder(name: string, seed: number): string {
  const manifest = manifestOf([{ name: 'any' }], { name, licence: `Terms of ${name}` });
  return writeModelFolder(join(tempDir(), 'm'), tinyNetworkOnnx({ classes: 2, seed }), manifest);
}

async function openModels(dataDir = tempDir()): Promise<LaunchedApp> {
  const launched = await launchApp({ dataDir });
  await openPage(launched.page, 'Models');
  await launched.page.getByRole('heading', { name: 'Variants' }).waitFor();
  return launched;
}

/** Reads the licence that is shown, and accepts it. */
async function accept(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: `Import ${name}?` });
  await dialog.getByRole('region', { name: 'Licence' }).getByText(`Terms of ${name}`).waitFor();
  const before = (await storedModels(page)).length;
  await dialog.getByRole('button', { name: 'Accept and import' }).click();
  await page.getByText(`${name} was imported.`).waitFor();
  expect(await storedModels(page)).toHaveLength(before + 1);
  await page.getByRole('heading', { level: 2, name }).waitFor();
}

describeApp('models from elsewhere', () => {
  test('come as a dropped folder, as a zip and as an ONNX file with its manifest, their licence first', async () => {
    const { app, page, complaints } = await openModels();
    await drop(page, [modelFolder('Dropped', 3)]);
    await accept(page, 'Dropped');
    await page.locator('nav [aria-current=page]', { hasText: 'Models' }).waitFor();

    const folder = modelFolder('Zipped', 5);
    const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))] as const);
    await choose(app, writeZip(inFolder('zipped', Object.fromEntries(files))));
    await page.getByRole('button', { name: 'Import file…' }).click();
    await accept(page, 'Zipped');

    await choose(app, join(modelFolder('Beside', 7), 'model.onnx'));
    await page.getByRole('button', { name: 'Import file…' }).click();
    await accept(page, 'Beside');
    await page.screenshot({ path: join(screenshots, 'models-several.png') });
    await page
      .getByRole('navigation', { name: 'Models' })
      .getByRole('button', { name: /^Dropped/ })
      .click();
    await page.getByRole('heading', { level: 2, name: 'Dropped' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('come as a pack only with the signature that is trusted, where a key was named', async () => {
    const [elsewhere, keys, packs] = [tempDir(), tempDir(), tempDir()];
    const { model } = await thinsliceJson([
      'models',
      'import',
      modelFolder('Packed', 9),
      '--data',
      elsewhere,
    ]);
    const pack = async (name: string, ...options: readonly string[]): Promise<string> => {
      const path = join(packs, name);
      const { id } = model as { readonly id: string };
      await thinsliceJson(['models', 'pack', id, '--out', path, '--data', elsewhere, ...options]);
      return path;
    };
    expect((await runThinslice(['models', 'make-key', '--out', keys, '--data', elsewhere])).code).toBe(0);
    const signed = await pack('signed.thinslice', '--sign', join(keys, 'thinslice-private.pem'));
    const unsigned = await pack('unsigned.thinslice');

    const { app, page } = await openModels();
    await choose(app, join(keys, 'thinslice-public.pem'));
    await page.getByRole('button', { name: 'Take only packs signed by a key…' }).click();
    await page.getByText('thinslice-public.pem are taken.').waitFor();
    await choose(app, unsigned);
    await page.getByRole('button', { name: 'Import file…' }).click();
    await page.getByRole('alert').filter({ hasText: 'not signed' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await choose(app, signed);
    await page.getByRole('button', { name: 'Import file…' }).click();
    await page.getByRole('dialog').getByText('a trusted key').waitFor();
    await accept(page, 'Packed');
    await page.getByText('a trusted key').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});
