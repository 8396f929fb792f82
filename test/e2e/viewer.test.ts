import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './electron-dist.ts';
import { describeApp, launchApp } from './launch-app.ts';

const screenshots = join(root, 'out', 'screenshots');
mkdirSync(screenshots, { recursive: true });

describeApp('the viewer', () => {
  test('shows the bundled study in three planes', async () => {
    const { app, page, complaints } = await launchApp({ args: [join(root, 'resources', 'study')] });
    page.on('console', (m) => console.log(m.type(), m.text()));
    await page.locator('[data-volume]').first().click();
    await page.locator('[data-view=axial] canvas').waitFor();
    await page.waitForTimeout(6000);
    await page.screenshot({ path: join(screenshots, 'viewer.png') });
    await page.getByText('Show in 3D').click();
    await page.waitForTimeout(3000);
    await page.screenshot({ path: join(screenshots, 'viewer-3d.png') });
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.setContentSize(1920, 1080));
    await page.waitForTimeout(6000);
    await page.screenshot({ path: join(screenshots, 'viewer-1080.png') });
    expect(complaints).toEqual([]);
  });
});
