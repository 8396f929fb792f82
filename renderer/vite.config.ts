import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// The window's pages: built to dist/renderer, served from the private scheme. No server, no address outside.
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [svelte({ preprocess: vitePreprocess({ script: false }), configFile: false })],
  worker: { format: 'es' },
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome130',
    sourcemap: true,
    chunkSizeWarningLimit: 10_000,
    reportCompressedSize: false,
  },
  logLevel: 'warn',
});
