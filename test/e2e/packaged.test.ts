import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { openSqlite } from '../../native/sqlite/open-sqlite.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { asRoot, describeApp, launchApp } from './launch-app.ts';
import { packageApp, packagedApp, packagedDir } from './package-app.ts';
import { listArchive, listFiles, machineOf } from './packaged-files.ts';
import { countPainted } from './result-page.ts';
import type { Seen } from './segment-in-window.ts';
import { openVolume, planes } from './viewer-page.ts';

const resources = join(packagedDir, 'resources');
const archive = join(resources, 'app.asar');
const study = join(resources, 'study');

/** Not every machine gives the rights for them. */
const canUnshare = spawnSync('unshare', ['--net', 'ip', 'link']).status === 0;
const canTrace = spawnSync('strace', ['-f', 'true']).status === 0;

/** Segments in the packaged app outside of this process; `wrapper` is what Playwright and the app are started by. */
function runPackaged(executable: string, wrapper: readonly string[]): Seen {
  const script = join(import.meta.dirname, 'run-packaged.ts');
  const command = [...wrapper, process.execPath, script, executable, study, tempDir()];
  return JSON.parse(execFileSync(command[0]!, command.slice(1), { encoding: 'utf8' })) as Seen;
}

function expectLabels({ state, error, measured, values, voxels }: Seen): void {
  expect({ state, error }).toEqual({ state: 'done', error: null });
  expect(Object.keys(measured)).toEqual(['soft_tissue', 'fat', 'lung', 'bone', 'gas']);
  expect(Math.min(...Object.values(measured))).toBeGreaterThan(0);
  expect(values).toEqual([0, 1, 2, 3, 4, 5]);
  expect(voxels).toBeGreaterThan(Object.values(measured).reduce((sum, each) => sum + each, 0));
}

describeApp('the packaged app', () => {
  beforeAll(() => void packageApp('dir'));

  test('runs from its archive and opens the study that the command line names', async () => {
    const { app, page, complaints } = await launchApp({ executable: packagedApp, args: [study] });
    await page.getByText('CHEST').first().waitFor();
    expect(await app.evaluate(({ app }) => [app.isPackaged, app.getAppPath()])).toEqual([true, archive]);
    expect(complaints).toEqual([]);
  });

  test('segments at the press of the button, and lays the labels over the images', async () => {
    const { page, complaints } = await launchApp({ executable: packagedApp, args: [study] });
    await openVolume(page);
    await page.getByRole('tab', { name: 'Segment' }).click();
    // Enabled once the card says what it takes.
    await page.getByRole('button', { name: 'Run segmentation' }).click();
    await page.getByText('is done').waitFor();
    await page.getByRole('tab', { name: 'Labels' }).click();
    await page.getByRole('table', { name: 'Labels of the result' }).getByText('lung').waitFor();
    for (const plane of planes) {
      await expect.poll(() => countPainted(page, plane)).toBeGreaterThan(1000);
    }
    expect(complaints).toEqual([]);
  });

  test.skipIf(!canUnshare)(
    'does the same where no network is, and no interface but the one to itself',
    () => {
      // Playwright asks for that one; the app does not (next test).
      expectLabels(
        runPackaged(packagedApp, ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']),
      );
    },
  );

  test.skipIf(!canUnshare)('opens a study where there is no interface at all', async () => {
    const dataDir = tempDir();
    const child = spawn('unshare', ['--net', packagedApp, ...asRoot, '--data', dataDir, study], {
      stdio: 'ignore',
    });
    onTestFinished(() => void child.kill());
    const studies = (): number => {
      const db = openSqlite(join(dataDir, 'thinslice.sqlite'), { readonly: true });
      try {
        return (db.prepare('SELECT count(*) AS n FROM studies').get() as { readonly n: number }).n;
      } finally {
        db.close();
      }
    };
    await expect
      .poll(
        () => {
          try {
            return studies();
          } catch {
            return 0;
          }
        },
        { interval: 500 },
      )
      .toBe(1);
  });

  test.skipIf(!canTrace)('sends nothing to any address, libraries and all processes included', () => {
    const dir = tempDir();
    const [log, traced, home] = [join(dir, 'log'), join(dir, 'traced'), join(dir, 'home')];
    const calls = 'socket,connect,bind,sendto,sendmsg,sendmmsg';
    const command = `exec strace -f -yy -o '${log}' -e trace=${calls} '${packagedApp}' "$@"`;
    writeFileSync(traced, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    const quiet = ['env', '-u', 'CI', '-u', 'ORT_DISABLE_TELEMETRY', `XDG_CACHE_HOME=${home}`];
    expectLabels(runPackaged(traced, quiet));
    const lines = readFileSync(log, 'latin1').split('\n');
    const connects = lines.filter((line) => /connect\(.*AF_INET/.test(line));
    // Chromium asks the system whether there is a way to an IPv6 address: a datagram socket that sends nothing.
    expect(connects.filter((line) => !/UDPv6.*"2001:4860:4860::8888"/.test(line))).toEqual([]);
    const sends = lines.filter((line) => /send(to|msg|mmsg)\(\d+<(TCP|UDP)/.test(line));
    // The test's own way to steer the window.
    expect(sends.filter((line) => !/<TCP:\[127\.0\.0\.1:\d+->127\.0\.0\.1:\d+\]>/.test(line))).toEqual([]);
    expect(existsSync(join(home, 'Microsoft'))).toBe(false);
  });

  test('does not run as Node', () => {
    const args = ['-e', 'process.exit(7)', ...asRoot, '--data', tempDir()];
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
    // It starts as the app instead, and goes on until it is ended.
    expect(spawnSync(packagedApp, args, { env, timeout: 8000 }).error).toMatchObject({ code: 'ETIMEDOUT' });
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
  });
});
