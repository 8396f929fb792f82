// Makes resources/study, the chest that the first command of the README segments: `npm run make-study`.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { encodeSlices } from './make-study/encode-slices.ts';
import { makePhantom } from './make-study/make-phantom.ts';

const folder = new URL('./study/', import.meta.url);
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const { name, parts } of encodeSlices(makePhantom().volume))
  await writeFile(new URL(name, folder), parts);
