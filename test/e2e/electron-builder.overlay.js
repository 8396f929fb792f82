// The product's configuration with what only tests need: an Electron that is there already, `--inspect` for Playwright,
// and the SQLite binding that this Electron can load. Never for a release.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

const { THINSLICE_TEST_PACKAGE_DIR, THINSLICE_TEST_ELECTRON_DIST, BETTER_SQLITE3_BINDING } = process.env;

export default {
  extends: 'electron-builder.yml',
  directories: { output: THINSLICE_TEST_PACKAGE_DIR },
  electronDist: THINSLICE_TEST_ELECTRON_DIST,
  compression: 'store',
  electronFuses: { enableNodeCliInspectArguments: true },
  afterPack: ({ appOutDir, packager }) => {
    if (!BETTER_SQLITE3_BINDING) return;
    const packages = join(packager.getResourcesDir(appOutDir), 'app.asar.unpacked', 'node_modules');
    copyFileSync(BETTER_SQLITE3_BINDING, join(packages, 'better-sqlite3', 'prebuilds', 'linux-x64.node'));
  },
};
