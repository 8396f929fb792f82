import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import type { ElectronApplication, Page } from 'playwright-core';
import { root } from './electron-dist.ts';
import { resize } from './open-page.ts';

export type Plane = 'axial' | 'coronal' | 'sagittal';
export const planes: readonly Plane[] = ['axial', 'coronal', 'sagittal'];
const names: Readonly<Record<Plane, string>> = { axial: 'Axial', coronal: 'Coronal', sagittal: 'Sagittal' };
/** The array axis (z, y, x of an axial stack) along which a plane is moved. */
export const axisOf: Readonly<Record<Plane, number>> = { axial: 0, coronal: 1, sagittal: 2 };

/** Opens a volume that the studies page lists, and waits until all of it has arrived. */
export async function openVolume(page: Page, index = 0): Promise<void> {
  await page.locator('[data-volume]').nth(index).click();
  await waitForImages(page);
}

/** Until every slice has arrived and was drawn. */
export async function waitForImages(page: Page): Promise<void> {
  await page.locator('[data-view=axial] [data-edge=top]').waitFor();
  await page.locator('[data-loading]').waitFor({ state: 'detached' });
  await settle(page);
}

/** Until what was asked for is on screen: frames are drawn in turn. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let i = 0; i < 4; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

/** The slice of a plane, counted from 0, by its slider. */
export async function moveTo(page: Page, plane: Plane, index: number): Promise<void> {
  await page.getByRole('slider', { name: `Slice, ${names[plane]}` }).fill(String(index + 1));
  await settle(page);
}

/** Where the crosshair is in a plane, CSS pixels from the corner of its canvas. */
export async function crosshairAt(page: Page, plane: Plane): Promise<readonly [number, number]> {
  const lines = page.locator(`[data-view=${plane}] svg.crosshair line`);
  return [Number(await lines.last().getAttribute('x1')), Number(await lines.first().getAttribute('y1'))];
}

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Device pixels for each CSS pixel. */
  readonly ratio: number;
  /** The red of each pixel, row by row. */
  readonly grey: Uint8Array;
}

/** What is on the canvas of a view. */
export async function readCanvas(page: Page, view: Plane | 'volume3d'): Promise<Pixels> {
  const { base64, ...size } = await page
    .locator(`[data-view=${view}] canvas.cornerstone-canvas`)
    .evaluate((element) => {
      const canvas = element as unknown as {
        width: number;
        height: number;
        getContext: (kind: '2d') => {
          getImageData: (...box: readonly number[]) => { data: Uint8ClampedArray };
        };
      };
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
      let text = '';
      for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(data[i]!);
      // Numbers as such would take seconds to cross.
      return { width, height, ratio: globalThis.devicePixelRatio, base64: btoa(text) };
    });
  return { ...size, grey: Buffer.from(base64, 'base64') };
}

export const edges = ['top', 'bottom', 'left', 'right'] as const;

/** The letters on the edges of a plane: top, bottom, left, right. */
export async function lettersOf(page: Page, plane: Plane): Promise<string[]> {
  return Promise.all(
    edges.map((edge) => page.locator(`[data-view=${plane}] [data-edge=${edge}]`).innerText()),
  );
}

const screenshots = join(root, 'out', 'screenshots');

/** Pictures of the window at both sizes that it has to look well at. */
export async function photograph(app: ElectronApplication, page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  for (const [width, height] of [
    [1366, 768],
    [1920, 1080],
  ] as const) {
    await resize(app, page, width, height);
    await page.waitForTimeout(1500);
    await page.screenshot({ path: join(screenshots, `${name}-${width}x${height}.png`) });
  }
}
