import { join } from 'node:path';
import type { ModelCard } from '../contract/model-card.ts';
import type { Manifest } from '../core/model/manifest.ts';
import { makeFolder } from '../files/make-folder.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';
import { asOutputFailure } from './output-failure.ts';
import { slug } from './slug.ts';

/**
 * Writes a trained model as `models import` reads it (`NAME.onnx` and its manifest `NAME.json`), and its card beside it.
 * Returns the paths. Throws AppFailure `output-failed`.
 */
export async function writeTrained(
  folder: string,
  manifest: Manifest,
  network: Uint8Array,
  card: ModelCard,
): Promise<string[]> {
  const stem = slug(manifest.name);
  const text = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  const files: [string, Uint8Array][] = [
    [`${stem}.onnx`, network],
    [`${stem}.json`, text(manifest)],
    [`${stem}.card.json`, text(card)],
  ];
  try {
    makeFolder(folder);
    for (const [name, bytes] of files) await writeWholeFile(join(folder, name), [bytes]);
  } catch (error) {
    throw asOutputFailure(error, folder);
  }
  return files.map(([name]) => join(folder, name));
}
