// Bundles our own code, one file an entry; packages stay in node_modules (they carry .wasm and native files).
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: {
    cli: 'main/cli.ts',
    engine: 'main/engine/index.ts',
    'engine-worker': 'main/engine/worker.ts',
  },
  outdir: 'dist',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  // Keeps what cli.ts loads only after its check out of cli.js.
  splitting: true,
  target: 'node22',
  sourcemap: 'linked',
  logLevel: 'warning',
});
