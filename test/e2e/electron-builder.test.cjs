// The product's configuration with what only tests need: an Electron that is there already, `--inspect` for Playwright,
// and the SQLite binding that this Electron can load. Never for a release.
const { copyFileSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { load } = require('js-yaml');

const root = join(__dirname, '..', '..');
const product = load(readFileSync(join(root, 'electron-builder.yml'), 'utf8'));
const binding = process.env.BETTER_SQLITE3_BINDING;

module.exports = {
  ...product,
  directories: { ...product.directories, output: process.env.THINSLICE_TEST_PACKAGE_DIR ?? 'out/package-test' },
  electronDist: process.env.THINSLICE_TEST_ELECTRON_DIST,
  compression: 'store',
  electronFuses: { ...product.electronFuses, enableNodeCliInspectArguments: true },
  afterPack: ({ appOutDir, packager }) => {
    if (!binding) return;
    const unpacked = join(packager.getResourcesDir(appOutDir), 'app.asar.unpacked');
    copyFileSync(binding, join(unpacked, 'node_modules', 'better-sqlite3', 'prebuilds', 'linux-x64.node'));
  },
};
