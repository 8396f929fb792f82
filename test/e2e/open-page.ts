import type { ElectronApplication, Page } from 'playwright-core';

/** As the navigation names them in English. */
export const pageNames = ['Studies', 'Viewer', 'Jobs', 'Models', 'Devices', 'Settings'] as const;

export async function openPage(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
  await page.getByRole('main', { name, exact: true }).waitFor();
  // What it asks the main process for has arrived.
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(300);
}

const askedEveryMs = 200;
const mostAsked = 600;

/** Content size in CSS pixels. */
export async function resize(
  app: ElectronApplication,
  page: Page,
  width: number,
  height: number,
): Promise<void> {
  for (let asked = 1; ; asked++) {
    // Told again, since a window that is just being shown may take the size that it was made with afterwards.
    await app.evaluate(
      ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]!.setContentSize(size.width, size.height),
      { width, height },
    );
    const now = await page.evaluate(() => globalThis.innerWidth);
    // As wide as the screen would be full screen, which Chromium avoids by a pixel.
    if (Math.abs(now - width) < 3) return;
    if (asked === mostAsked) throw new Error(`the window stays ${now} pixels wide instead of ${width}`);
    await page.waitForTimeout(askedEveryMs);
  }
}
