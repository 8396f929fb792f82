import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { makeFloatTensor, makeModel, makeNode, makeValueInfo } from '../../main/core/onnx/build-graph.ts';
import { writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import { voxelCount, type Vec3 } from '../../main/core/volume/volume.ts';
import { openDatabase } from '../../main/db/database.ts';
import type { Context } from '../../main/services/context.ts';
import { saveEditedVersion } from '../../main/services/edited-versions.ts';
import { connectEngine } from '../../main/services/engine-client.ts';
import { forkEngine } from '../../main/services/fork-engine.ts';
import { getResult } from '../../main/services/results.ts';
import { createViewEngine } from '../../main/services/view-engine.ts';
import { writeModelFolder } from '../fixtures/cli-inputs.ts';
import { runCli } from './run-cli.ts';

export const manyLabels = 117;
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/**
 * Stores a result of 117 labels for the study in `folder`: a network of as many outputs is imported and run, as a user
 * would, and what it gives is corrected to tubes of all labels beside each other, each of which every axial slice cuts.
 */
export async function storeManyLabels(dataDir: string, folder: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'thinslice-bench-'));
  try {
    const data = ['--data', dataDir];
    const imported = await runCli([
      'models',
      'import',
      writeModelFolder(scratch, manyOutputs(), manifest),
      ...data,
    ]);
    const { id } = imported.document['model'] as { id: string };
    const order = ['segment', folder, '--model', id, '--out', scratch, '--format', 'json', ...data];
    const { document } = await runCli(order);
    await storeTubes(dataDir, document['result'] as string);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function storeTubes(dataDir: string, resultId: string): Promise<void> {
  const db = openDatabase(dataDir);
  const context: Context = {
    db,
    startEngine: () => connectEngine(forkEngine(join(dist, 'engine.js'))),
    appVersion: 'bench',
    resourcesDir: '',
    now: () => new Date().toISOString(),
    newId: randomUUID,
  };
  const engine = createViewEngine(context);
  try {
    const labels = tubes(getResult(db, resultId).grid.shapeZyx);
    await saveEditedVersion(context, engine, resultId, gzipSync(labels, { level: 1 }));
  } finally {
    await engine.close();
    db.close();
  }
}

const across = 13;
const down = 9;

/** Labels 1…117 as tubes along z on a lattice of 13 × 9, which wind so that each slice has other outlines. */
export function tubes([planes, rows, columns]: Vec3): Uint8Array {
  const labels = new Uint8Array(voxelCount([planes, rows, columns]));
  const [cellX, cellY] = [columns / across, rows / down];
  for (let z = 0; z < planes; z++) {
    for (let label = 1; label <= manyLabels; label++) {
      const [column, row] = [(label - 1) % across, Math.floor((label - 1) / across)];
      const turn = z / 9 + label;
      const x = (column + 0.5 + 0.1 * Math.sin(turn)) * cellX;
      const y = (row + 0.5 + 0.1 * Math.cos(turn)) * cellY;
      const [rx, ry] = [0.4 * cellX, 0.4 * cellY];
      for (let j = Math.max(0, Math.ceil(y - ry)); j <= Math.min(rows - 1, y + ry); j++) {
        const half = rx * Math.sqrt(1 - ((j - y) / ry) ** 2);
        const start = (z * rows + j) * columns;
        labels.fill(label, start + Math.max(0, Math.ceil(x - half)), start + Math.floor(x + half) + 1);
      }
    }
  }
  return labels;
}

/** One convolution of a voxel; output i is largest for intensities near i. */
function manyOutputs(): Uint8Array {
  const outputs = manyLabels + 1;
  const image = ['d0', 'd1', 'd2'];
  // -(x - i)² without what all have: 2 i x - i².
  const weights = Float32Array.from({ length: outputs }, (_, i) => 2 * i);
  const biases = Float32Array.from({ length: outputs }, (_, i) => -i * i);
  return writeOnnx(
    makeModel({
      name: 'many-labels',
      nodes: [makeNode('Conv', ['image', 'w', 'b'], ['logits'])],
      initializers: [
        makeFloatTensor('w', [outputs, 1, 1, 1, 1], weights),
        makeFloatTensor('b', [outputs], biases),
      ],
      inputs: [makeValueInfo('image', [1, 1, ...image])],
      outputs: [makeValueInfo('logits', [1, outputs, ...image])],
    }),
  );
}

const manifest = {
  format: 'thinslice-model/1',
  name: `${manyLabels} labels`,
  licence: 'none: made for a bench',
  channels: [{ name: 'CT', modality: 'CT', normalization: { kind: 'none' } }],
  labels: ['background', ...Array.from({ length: manyLabels }, (_, i) => `structure ${i + 1}`)],
  orientation: 'as-read',
  spacingMm: [6, 6, 6],
  patch: [32, 64, 64],
  tiling: { kind: 'gaussian', step: 0.5 },
};
