import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './electron-dist.ts';
import { describeApp, launchApp } from './launch-app.ts';

describeApp('the window', () => {
  test('opens the study that the command line names', async () => {
    const { page, complaints } = await launchApp({ args: [join(root, 'resources', 'study')] });
    await page.getByText('CHEST').first().waitFor();
    expect(complaints).toEqual([]);
  });

  test('has nothing of Node, and refuses what the contract does not know', async () => {
    const { page } = await launchApp();
    const seen = await page.evaluate(() => ({
      require: 'require' in globalThis,
      process: 'process' in globalThis,
      keys: Object.keys((globalThis as unknown as { api: object }).api),
    }));
    expect(seen).toEqual({ require: false, process: false, keys: ['invoke', 'on', 'pathOf'] });
    const wrong = await page.evaluate(() =>
      (globalThis as unknown as { api: { invoke: (...args: unknown[]) => Promise<unknown> } }).api.invoke(
        'studies.scan',
        { path: 7 },
      ),
    );
    expect(wrong).toMatchObject({ ok: false, error: { code: 'usage' } });
  });
});
