import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/**
 * Cornerstone can read meshes from XML files, which we never do: it brings an XML builder that wants modules of Node.
 * Without it the window has no XML parser of its own at all.
 */
const withoutXml = {
  name: 'without-xml',
  enforce: 'pre' as const,
  resolveId: (id: string) => (id === 'xmlbuilder2' ? '\0without-xml' : null),
  load: (id: string) => (id === '\0without-xml' ? 'export const create = null;' : null),
};

// The window's pages: built to dist/renderer, served from the private scheme. No server, no address outside.
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [withoutXml, svelte({ preprocess: vitePreprocess({ script: false }), configFile: false })],
  worker: { format: 'es', plugins: () => [withoutXml] },
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
