import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { electronDist, root } from './electron-dist.ts';

const output = join(root, 'out', 'package-test');

/** The packaged app's folder and executable. */
export const packagedDir = join(output, 'linux-unpacked');
export const packagedApp = join(packagedDir, 'thinslice-app');

/**
 * Packages what is built in dist/ by the product's configuration and the tests' overlay: the app's folder, or a deb of
 * that folder. Returns the files of the output folder.
 */
export function packageApp(target: 'dir' | 'deb'): string[] {
  const node = process.execPath;
  execFileSync(node, [join(root, 'resources', 'make-notices.ts')]);
  const builder = join(root, 'node_modules', 'electron-builder', 'cli.js');
  const config = join('test', 'e2e', 'electron-builder.overlay.js');
  const from = target === 'deb' ? ['--prepackaged', packagedDir] : [];
  execFileSync(
    node,
    [builder, '--linux', target, '--x64', '--publish', 'never', '--config', config, ...from],
    {
      cwd: root,
      env: {
        ...process.env,
        THINSLICE_TEST_PACKAGE_DIR: output,
        THINSLICE_TEST_ELECTRON_DIST: electronDist()!,
      },
      encoding: 'utf8',
    },
  );
  return readdirSync(output).map((name) => join(output, name));
}
