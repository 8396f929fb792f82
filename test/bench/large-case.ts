import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planNetwork } from '../../main/core/nnunet/build-network.ts';
import type { Architecture } from '../../main/core/nnunet/architecture.ts';
import { makeFloatTensor } from '../../main/core/onnx/build-graph.ts';
import { writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import type { Vec3 } from '../../main/core/volume/volume.ts';
import { encodeSlices } from '../../resources/make-study/encode-slices.ts';
import { makePhantom } from '../../resources/make-study/make-phantom.ts';
import { createRandom } from '../fixtures/random.ts';

const heads = 118;

/** TotalSegmentator's 3 mm network: 16.6 M parameters, 118 outputs, patch 112 × 112 × 128. */
const architecture: Architecture = {
  kind: 'plain',
  features: [32, 64, 128, 256, 320],
  kernels: Array<Vec3>(5).fill([3, 3, 3]),
  strides: [[1, 1, 1], ...Array<Vec3>(4).fill([2, 2, 2])],
  encoderDepths: [2, 2, 2, 2, 2],
  decoderDepths: [2, 2, 2, 2],
  convBias: true,
  norm: { kind: 'instance', epsilon: 1e-5, affine: true },
  activation: { kind: 'LeakyRelu', alpha: 0.01 },
  activationFirst: false,
  stemFeatures: 32,
};

/** Writes the network, with random weights, and its manifest; returns the manifest's path. */
export function writeLargeModel(folder: string): string {
  const plan = planNetwork(architecture, 1, heads);
  const random = createRandom(1);
  const initializers = plan.weights.map(({ name, shape }) =>
    makeFloatTensor(name, shape, randomWeights(name, shape, random)),
  );
  const { model } = plan;
  const onnx = writeOnnx({
    ...model,
    graph: { ...model.graph, initializers: [...initializers, ...plan.constants] },
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'large.onnx'), onnx);
  const manifest = join(folder, 'large.json');
  writeFileSync(manifest, JSON.stringify(manifestOfLarge));
  return manifest;
}

/** He's initialisation for kernels; norms as they are at the start of training. */
function randomWeights(name: string, shape: readonly number[], random: () => number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (shape.length === 1) return new Float32Array(count).fill(/norm\.weight$/.test(name) ? 1 : 0);
  const fanIn = count / (shape[0] ?? 1);
  const range = Math.sqrt(6 / fanIn);
  return Float32Array.from({ length: count }, () => (random() * 2 - 1) * range);
}

const manifestOfLarge = {
  format: 'thinslice-model/1',
  name: 'TotalSegmentator 3 mm architecture, random weights',
  licence: 'none: random numbers',
  channels: [
    {
      name: 'CT',
      modality: 'CT',
      normalization: { kind: 'ct', lower: -1004, upper: 1588, mean: -50.387, std: 503.392 },
    },
  ],
  labels: ['background', ...Array.from({ length: heads - 1 }, (_, i) => `structure ${i + 1}`)],
  orientation: 'SAR',
  spacingMm: [3, 3, 3],
  patch: [112, 112, 128],
  tiling: { kind: 'gaussian', step: 0.5 },
};

/** Writes a 512 × 512 × 600 CT-like study of 0.8 × 0.8 × 1 mm: the synthetic chest enlarged, with noise. */
export function writeLargeStudy(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const { volume } = makePhantom();
  const [planes, rows, columns] = volume.grid.shapeZyx;
  const shapeZyx: Vec3 = [600, 512, 512];
  const grid = { ...volume.grid, shapeZyx, spacingZyxMm: [1, 0.8, 0.8] as const };
  const noise = Int16Array.from({ length: 65521 }, createNoise());
  const voxels = new Int16Array(shapeZyx[0] * shapeZyx[1] * shapeZyx[2]);
  let out = 0;
  for (let z = 0; z < shapeZyx[0]; z++) {
    const plane = Math.floor((z * planes) / shapeZyx[0]) * rows * columns;
    for (let y = 0; y < shapeZyx[1]; y++) {
      const row = plane + Math.floor((y * rows) / shapeZyx[1]) * columns;
      for (let x = 0; x < shapeZyx[2]; x++, out++) {
        const hu = volume.voxels[row + Math.floor((x * columns) / shapeZyx[2])]! + noise[out % 65521]!;
        voxels[out] = Math.max(-1024, Math.min(3071, hu));
      }
    }
  }
  for (const { name, parts } of encodeSlices({ voxels, grid }))
    writeFileSync(join(folder, name), Buffer.concat(parts));
}

function createNoise(): () => number {
  const random = createRandom(2);
  return () => Math.round((random() + random() + random() - 1.5) * 20);
}
