import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { VolumeSource } from '../../main/contract/engine-protocol.ts';
import { manifestModel, readManifest } from '../../main/core/model/manifest.ts';
import type { SegmentationModel } from '../../main/core/model/segmentation-model.ts';
import { measureCost } from '../../main/core/onnx/measure-cost.ts';
import { readOnnx, writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import { diceByLabel } from '../../main/core/segment/6-measure/dice.ts';
import { ranksByFactor } from '../../main/core/tucker/choose-ranks.ts';
import type { Decompose } from '../../main/core/tucker/compress-layer.ts';
import { compressModel, type Variant } from '../../main/core/tucker/compress-model.ts';
import { decomposeWhereMacsFall } from '../../main/core/tucker/decide-layers.ts';
import { compressAwareNetworks } from '../../main/engine/compress-aware.ts';
import { createPool, type Pool } from '../../main/engine/pool.ts';
import { runSegmentJob } from '../../main/engine/segment-job.ts';
import { readModel } from '../../main/services/read-model.ts';
import { scanFolder } from '../../main/services/scan-folder.ts';
import { sharedData } from '../shared-data.ts';

interface Case {
  readonly name: string;
  readonly model: SegmentationModel;
  readonly network: Uint8Array;
  readonly calibration: readonly VolumeSource[];
  /** Not among `calibration`, nor of the same person. */
  readonly test: VolumeSource;
}

const threads = 2;
const ladder = [0.9, 0.7, 0.5, 0.3];

/**
 * Plain and activation-aware Tucker side by side: Dice of each label against the full network, on an image that was not
 * calibrated on. `THINSLICE_BENCH_CASES` (names, by comma) and `THINSLICE_BENCH_FACTORS` choose some of it.
 */
export async function benchAware(): Promise<void> {
  const pool = createPool({ threads });
  const wanted = process.env['THINSLICE_BENCH_CASES']?.split(',');
  const factors = process.env['THINSLICE_BENCH_FACTORS']?.split(',').map(Number) ?? ladder;
  try {
    for (const [name, prepare] of Object.entries(cases))
      if (!wanted || wanted.includes(name)) await compare(await prepare(), factors, pool);
  } finally {
    await pool.destroy();
  }
}

const cases: Readonly<Record<string, () => Promise<Case>>> = {
  'meshnet-30': () => meshnet('model30chan18cls', 'MeshNet, 30 channels, 18 classes'),
  'meshnet-21': () => meshnet('model18cls', 'MeshNet, 21 channels, 18 classes'),
  'ct-tissue': async () => {
    const folder = fileURLToPath(new URL('../../resources/models/ct-tissue', import.meta.url));
    const { model, networks } = await readModel(folder);
    const scan = await scanFolder(`${sharedData}/ct/lidc-chest`);
    const [volume] = scan.studies[0].series[0].volumes;
    const calibration = { kind: 'nifti', path: `${sharedData}/ct/ts-nifti/example_ct.nii.gz` } as const;
    const test = { kind: 'dicom', modality: 'CT', volume } as const;
    return { name: 'ct-tissue', model, network: networks[0], calibration: [calibration], test };
  },
};

/** In the box of the head: the images are skull-stripped, and the rest of the volume is zero. */
async function meshnet(file: string, name: string): Promise<Case> {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../fixtures/meshnet/model30chan18cls.json', import.meta.url), 'utf8'),
  );
  const model = { ...manifestModel(readManifest(manifest)), cropToNonzero: true };
  const t1 = (image: string): VolumeSource => ({
    kind: 'nifti',
    path: `${sharedData}/mr/t1/${image}_t1.nii.gz`,
  });
  const network = readFileSync(`${sharedData}/models/meshnet/${file}.onnx`);
  return { name, model, network, calibration: [t1('livia_img2')], test: t1('livia_img1') };
}

async function compare(
  { name, model, network, calibration, test }: Case,
  factors: readonly number[],
  pool: Pool,
): Promise<void> {
  console.log(`\n${name}: Dice against the full network, on an image that was not calibrated on`);
  const original = readOnnx(network);
  const input = original.graph.inputs[0]?.name ?? '';
  const inputShapes = { [input]: [1, model.channels.length, ...model.patch] };
  const recipes = factors.map((factor) => ({ ranks: ranksByFactor(factor), decide: decomposeWhereMacsFall }));
  const decompose: Decompose = (kernel, ranks) => pool.run({ kernel, ranks }, { name: 'decomposeKernel' });
  const plain = await compressModel(original, recipes, { inputShapes, decompose, parallel: threads });
  const start = performance.now();
  const request = {
    networks: [network],
    model,
    volumes: calibration.map((volume) => [volume]),
    recipes,
    threads,
  };
  const [aware] = await compressAwareNetworks(request, { pool });
  const seconds = (performance.now() - start) / 1000;

  const segment = (bytes: Uint8Array) => labelsOf(model, bytes, test, pool);
  const expected = await segment(network);
  const { macs } = measureCost(original, inputShapes);
  const rows = [];
  for (const [i, factor] of factors.entries()) {
    const dice = async (variant: Variant) =>
      overlap(await segment(writeOnnx(variant.model)), expected, model);
    const [before, after] = [await dice(plain[i]), await dice(aware[i])];
    rows.push({
      DF: factor,
      'times fewer MACs': (macs / measureCost(aware[i].model, inputShapes).macs).toFixed(1),
      'plain, mean': before.mean.toFixed(3),
      'aware, mean': after.mean.toFixed(3),
      'plain, worst label': before.worst,
      'aware, worst label': after.worst,
    });
  }
  console.table(rows);
  console.log(`calibrated ${factors.length} variants in ${seconds.toFixed(0)} s`);
}

async function labelsOf(
  model: SegmentationModel,
  network: Uint8Array,
  source: VolumeSource,
  pool: Pool,
): Promise<Uint8Array> {
  const device = { provider: 'cpu', deviceId: 0, name: 'CPU' } as const;
  const request = {
    jobId: 'bench',
    model,
    networks: [network],
    channels: [source],
    device,
    threads,
    finishedSlabs: [],
  };
  const outcome = await runSegmentJob(request, {
    pool,
    signal: new AbortController().signal,
    send: () => undefined,
  });
  return gunzipSync(outcome.labelsGz);
}

/** Over the labels that the full network finds or the variant does, background left out. */
function overlap(labels: Uint8Array, expected: Uint8Array, { labels: known }: SegmentationModel) {
  const agreements = diceByLabel(labels, expected).filter(({ value }) => value > 0);
  const mean = agreements.reduce((sum, { dice }) => sum + dice, 0) / Math.max(1, agreements.length);
  const worst = agreements.toSorted((a, b) => a.dice - b.dice)[0];
  const name = known.find(({ value }) => value === worst?.value)?.name ?? '';
  return { mean, worst: worst ? `${worst.dice.toFixed(3)} ${name}` : '' };
}
