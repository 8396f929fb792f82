import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeApp, launchApp } from './launch-app.ts';
import { packageApp, packagedApp, packagedDir } from './package-app.ts';
import { listArchive, listFiles, machineOf } from './packaged-files.ts';
import { ask } from './ask.ts';

const resources = join(packagedDir, 'resources');
const archive = join(resources, 'app.asar');

describeApp('the packaged app', () => {
  beforeAll(() => void packageApp('dir'), 300_000);

  test('runs from its archive and opens the study that the command line names', async () => {
    const study = join(resources, 'study');
    const { app, page, complaints } = await launchApp({ executable: packagedApp, args: [study] });
    await page.getByText('CHEST').first().waitFor();
    expect(await app.evaluate(({ app }) => [app.isPackaged, app.getAppPath()])).toEqual([true, archive]);
    expect(complaints).toEqual([]);
  });

  test('decodes voxels in the threads of its engine', async () => {
    const { page } = await launchApp({ executable: packagedApp });
    const { studies } = await ask(page, 'studies.scan', join(resources, 'study'));
    const { studyUid, series } = studies[0]!;
    const view = await ask(page, 'volumes.open', { studyUid, volumeId: series[0]!.volumeId });
    const bytes = await page.evaluate(
      async (url) => (await (await fetch(url)).arrayBuffer()).byteLength,
      `${view.voxelsUrl}?type=${view.voxelType}`,
    );
    expect(bytes).toBe(
      view.grid.shapeZyx.reduce((product, length) => product * length, view.voxelType === 'float32' ? 4 : 2),
    );
  });

  test('brings the binaries of this platform and no other, no sources and no maps', () => {
    const outside = listFiles(packagedDir);
    const packed = listArchive(archive);
    const machines = [
      ...outside.map((path) => machineOf(join(packagedDir, path))),
      ...packed.map(({ offset }) => machineOf(archive, offset)),
    ];
    expect(new Set(machines)).toEqual(new Set([null, 'linux-x64']));
    const paths = [...outside, ...packed.map(({ path }) => path)];
    expect(paths.filter((path) => /\.(map|ts|tsx|svelte|gyp|cpp)$/.test(path))).toEqual([]);
    expect(paths.filter((path) => /node_modules\/(electron|vite|svelte|global-agent)\//.test(path))).toEqual(
      [],
    );
  });

  test('names the licence of each package that it brings', () => {
    const notices = readFileSync(join(resources, 'licences', 'third-party.txt'), 'utf8');
    const names = listArchive(archive)
      .map(({ path }) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
      .filter((name) => name !== undefined);
    expect(names.length).toBeGreaterThan(0);
    for (const name of new Set(names)) expect(notices).toContain(`\n${name} `);
    expect(existsSync(join(packagedDir, 'LICENSES.chromium.html'))).toBe(true);
  });

  test('is built as a deb that holds the same, with a menu entry and icons', () => {
    const deb = packageApp('deb').find((path) => path.endsWith('.deb'))!;
    const listing = execFileSync('dpkg-deb', ['-c', deb], { encoding: 'utf8', maxBuffer: 1e8 });
    for (const path of [
      './opt/Thinslice/thinslice-app',
      './opt/Thinslice/resources/app.asar',
      './usr/share/applications/thinslice-app.desktop',
      './usr/share/icons/hicolor/256x256/apps/thinslice-app.png',
    ]) {
      expect(listing).toContain(`${path}\n`);
    }
    expect(listing).not.toMatch(/\.(dll|dylib|exe)$|arm64|darwin|win32-/m);
    const script = execFileSync('dpkg-deb', ['-I', deb, 'postinst'], { encoding: 'utf8' });
    expect(script.replaceAll(/^\s*#.*$/gm, '')).not.toMatch(/curl|wget|https?:/);
  }, 300_000);
});
