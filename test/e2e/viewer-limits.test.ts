import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { root } from './electron-dist.ts';
import { describeApp, launchApp, type LaunchedApp } from './launch-app.ts';
import { openVolume, photograph, planes, readCanvas, waitForImages } from './viewer-page.ts';

const bundled = join(root, 'resources', 'study');

/** The app with a poorer graphics card: `limit` is run in the page before any of its own scripts. */
async function launchWith(limit: () => void): Promise<LaunchedApp> {
  const launched = await launchApp({ args: [bundled] });
  await launched.page.addInitScript(limit);
  await launched.page.reload();
  await launched.page.waitForSelector('[data-volume]');
  return launched;
}

/** Not black: of a chest in a window for soft tissue, a good part is grey. */
async function expectImages(page: Page): Promise<void> {
  for (const plane of planes) {
    const { grey } = await readCanvas(page, plane);
    const visible = grey.filter((value) => value > 60).length / grey.length;
    expect(visible, plane).toBeGreaterThan(0.1);
  }
}

describeApp('a graphics card that can do less', () => {
  test('shows images without 16-bit textures', async () => {
    const { page } = await launchWith(() => {
      const { prototype } = WebGL2RenderingContext;
      const getExtension = prototype.getExtension as (name: string) => unknown;
      prototype.getExtension = function (this: WebGL2RenderingContext, name: string) {
        return name === 'EXT_texture_norm16' ? null : getExtension.call(this, name);
      } as typeof prototype.getExtension;
    });
    await openVolume(page);
    await expectImages(page);
    expect(await page.getByText('Reduced').count()).toBe(0);
  });

  test('shows blocks where it interpolates no floats, and says so', async () => {
    const { page } = await launchWith(() => {
      const { prototype } = WebGL2RenderingContext;
      const getExtension = prototype.getExtension as (name: string) => unknown;
      prototype.getExtension = function (this: WebGL2RenderingContext, name: string) {
        const isMissing = name === 'EXT_texture_norm16' || name === 'OES_texture_float_linear';
        return isMissing ? null : getExtension.call(this, name);
      } as typeof prototype.getExtension;
    });
    await openVolume(page);
    await expectImages(page);
    await page.getByText('Reduced').click();
    await page.getByText('voxels are seen as blocks').waitFor();
  });

  test('leaves voxels out where its textures are too small, and says so', async () => {
    const { app, page, complaints } = await launchWith(() => {
      const { prototype } = WebGL2RenderingContext;
      const getParameter = prototype.getParameter as (name: number) => unknown;
      prototype.getParameter = function (this: WebGL2RenderingContext, name: number) {
        return name === this.MAX_3D_TEXTURE_SIZE ? 100 : getParameter.call(this, name);
      } as typeof prototype.getParameter;
    });
    await openVolume(page);
    await expectImages(page);
    await page.getByText('Reduced').click();
    await page.getByText('at most 100 voxels along an axis').waitFor();
    await photograph(app, page, 'viewer-reduced');
    expect(complaints).toEqual([]);
  });

  test('says in words that it cannot, without WebGL 2', async () => {
    const { app, page } = await launchWith(() => {
      const { prototype } = HTMLCanvasElement;
      const getContext = prototype.getContext as (kind: string, options?: unknown) => unknown;
      prototype.getContext = function (this: HTMLCanvasElement, kind: string, options?: unknown) {
        return kind.startsWith('webgl') ? null : getContext.call(this, kind, options);
      } as typeof prototype.getContext;
    });
    await page.locator('[data-volume]').first().click();
    await page.getByRole('alert').getByText('lacks WebGL 2').waitFor();
    await photograph(app, page, 'viewer-without-webgl');
  });

  test('that stops is told of, and shows the images again', async () => {
    const { page } = await launchWith(() => {
      const contexts: WebGL2RenderingContext[] = [];
      Object.assign(globalThis, { contexts });
      const { prototype } = HTMLCanvasElement;
      const getContext = prototype.getContext as (kind: string, options?: unknown) => unknown;
      prototype.getContext = function (this: HTMLCanvasElement, kind: string, options?: unknown) {
        const context = getContext.call(this, kind, options);
        if (kind === 'webgl2') contexts.push(context as WebGL2RenderingContext);
        return context;
      } as typeof prototype.getContext;
    });
    await openVolume(page);
    await page.evaluate(() => {
      const { contexts } = globalThis as unknown as { contexts: WebGL2RenderingContext[] };
      for (const context of contexts) context.getExtension('WEBGL_lose_context')?.loseContext();
    });
    await page.getByRole('alert').getByText('The graphics card stopped').waitFor();
    await page.getByRole('button', { name: 'Show them again' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await waitForImages(page);
    await expectImages(page);
  });
});
