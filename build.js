// Bundles our own code into dist/. Packages that carry native files or WebAssembly for Node stay in node_modules; the
// window's pages carry all they need.
import { rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { build as buildPages } from 'vite';
import { collectLicences } from './resources/collect-licences.js';

const shared = { bundle: true, sourcemap: 'linked', logLevel: 'warning' };

await rm('dist', { recursive: true, force: true });
await build({
  ...shared,
  entryPoints: {
    cli: 'main/cli.ts',
    engine: 'main/engine/index.ts',
    'engine-worker': 'main/engine/worker.ts',
    'model-process': 'main/services/model-process.ts',
    'scan-thread': 'main/services/scan-thread.ts',
    'heavy-thread': 'main/services/heavy-thread.ts',
  },
  outdir: 'dist',
  packages: 'external',
  platform: 'node',
  format: 'esm',
  // Keeps what cli.ts loads only after its check out of cli.js.
  splitting: true,
  target: 'node20.18',
});
// CommonJS, so that all of it has run before Electron is ready: a scheme cannot be registered later.
await build({
  ...shared,
  entryPoints: ['main/index.ts'],
  outfile: 'dist/app.cjs',
  external: ['electron', 'better-sqlite3'],
  platform: 'node',
  format: 'cjs',
  target: 'node20.18',
});
// A sandboxed preload script is one CommonJS file.
await build({
  ...shared,
  entryPoints: ['main/preload.ts'],
  outfile: 'dist/preload.cjs',
  external: ['electron'],
  platform: 'browser',
  format: 'cjs',
  target: 'chrome130',
});
await writeFile('dist/licences.json', JSON.stringify(collectLicences('.')));
await buildPages({ configFile: 'renderer/vite.config.ts' });
