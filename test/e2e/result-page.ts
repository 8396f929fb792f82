import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { bundledStudy, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { launchApp, type LaunchedApp } from './launch-app.ts';
import { openVolume, planes, settle } from './viewer-page.ts';

/** Holds a result of the bundled model on the bundled study, as the command makes it. */
let made = '';

/** Before all tests of a file that open one. */
export async function makeResult(): Promise<void> {
  made = mkdtempSync(join(tmpdir(), 'thinslice-labels-'));
  const out = join(made, 'out');
  await thinsliceJson(['segment', bundledStudy, '--data', made, '--out', out, '--format', 'json']);
}

export function removeResult(): void {
  rmSync(made, { recursive: true, force: true });
}

/** A copy for one test. */
export function dataWithResult(): string {
  const data = tempDir();
  cpSync(made, data, { recursive: true });
  return data;
}

/** The study with the labels of its result over it, all of them drawn. */
export async function openResult(dataDir: string): Promise<LaunchedApp> {
  const launched = await launchApp({ dataDir, args: [bundledStudy] });
  const { page } = launched;
  await openVolume(page);
  await page.getByRole('tab', { name: 'Results' }).click();
  await page.getByRole('button', { name: 'Show', exact: true }).first().click();
  await page.getByRole('tab', { name: 'Labels' }).click();
  await page.getByRole('table', { name: 'Labels of the result' }).waitFor();
  // Counts are compared with what is drawn now.
  for (const plane of planes) await expect.poll(() => countPainted(page, plane)).toBeGreaterThan(1000);
  await settle(page);
  return launched;
}

/** How many pixels of the labels over a plane have a colour, near the one of `rgb` where that is given. */
export function countPainted(page: Page, plane: string, rgb?: readonly number[]): Promise<number> {
  return page.evaluate(
    ([name, color]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`canvas[data-labels=${name as string}]`)!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] === 0) continue;
        const wanted = color as readonly number[] | undefined;
        if (!wanted || wanted.every((part, i) => Math.abs(part - data[at + i]!) <= 6)) count++;
      }
      return count;
    },
    [plane, rgb] as const,
  );
}
