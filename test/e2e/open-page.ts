import type { ElectronApplication, Page } from 'playwright-core';
import { expect } from 'vitest';

/** As the navigation names them in English. */
export const pageNames = ['Studies', 'Viewer', 'Jobs', 'Models', 'Devices', 'Settings'] as const;

export async function openPage(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
  await page.getByRole('main', { name, exact: true }).waitFor();
  // What it asks the main process for has arrived.
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(300);
}

/** Content size in CSS pixels. */
export async function resize(
  app: ElectronApplication,
  page: Page,
  width: number,
  height: number,
): Promise<void> {
  await app.evaluate(
    ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]!.setContentSize(size.width, size.height),
    { width, height },
  );
  // As wide as the screen would be full screen, which Chromium avoids by a pixel.
  await expect.poll(() => page.evaluate(() => window.innerWidth)).toBeGreaterThanOrEqual(width - 1);
}
