import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeApp, launchApp } from './launch-app.ts';
import { packageApp, packagedApp, packagedDir } from './package-app.ts';

const study = join(packagedDir, 'resources', 'study');

describeApp('the packaged app', () => {
  beforeAll(() => void packageApp('dir'), 300_000);

  test('runs from its archive and opens the study that the command line names', async () => {
    const { app, page, complaints } = await launchApp({ executable: packagedApp, args: [study] });
    await page.getByText('CHEST').first().waitFor();
    expect(await app.evaluate(({ app }) => [app.isPackaged, app.getAppPath()])).toEqual([
      true,
      join(packagedDir, 'resources', 'app.asar'),
    ]);
    expect(complaints).toEqual([]);
  });
});
