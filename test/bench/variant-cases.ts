import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { VolumeSource } from '../../main/contract/engine-protocol.ts';
import { manifestModel, readManifest } from '../../main/core/model/manifest.ts';
import type { SegmentationModel } from '../../main/core/model/segmentation-model.ts';
import { readOnnx } from '../../main/core/onnx/onnx-file.ts';
import { diceByLabel } from '../../main/core/segment/6-measure/dice.ts';
import { ranksByFactor } from '../../main/core/tucker/choose-ranks.ts';
import type { Decompose } from '../../main/core/tucker/compress-layer.ts';
import { compressModel, type Variant } from '../../main/core/tucker/compress-model.ts';
import { decomposeWhereMacsFall } from '../../main/core/tucker/decide-layers.ts';
import { compressAwareNetworks } from '../../main/engine/compress-aware.ts';
import type { Pool } from '../../main/engine/pool.ts';
import { runSegmentJob } from '../../main/engine/segment-job.ts';
import { readModel } from '../../main/services/read-model.ts';
import { scanFolder } from '../../main/services/scan-folder.ts';
import { sharedData } from '../shared-data.ts';

/** A network and real images, for what compression loses and learning wins back. */
export interface VariantCase {
  readonly name: string;
  readonly model: SegmentationModel;
  readonly network: Uint8Array;
  /** By name: one of each is not of the same person as any other. */
  readonly images: Readonly<Record<string, VolumeSource>>;
}

export const threads = 2;
const ladder = [0.9, 0.7, 0.5, 0.3];

/** `THINSLICE_BENCH_FACTORS`, or the ladder. */
export function wantedFactors(): readonly number[] {
  return process.env['THINSLICE_BENCH_FACTORS']?.split(',').map(Number) ?? ladder;
}

/** Those that `THINSLICE_BENCH_CASES` names, by comma; all without it. */
export function wantedCases(): readonly (() => Promise<VariantCase>)[] {
  const wanted = process.env['THINSLICE_BENCH_CASES']?.split(',');
  return Object.entries(cases).flatMap(([name, prepare]) =>
    !wanted || wanted.includes(name) ? [prepare] : [],
  );
}

const cases: Readonly<Record<string, () => Promise<VariantCase>>> = {
  'meshnet-30': () => meshnet('model30chan18cls', 'MeshNet, 30 channels, 18 classes'),
  'meshnet-21': () => meshnet('model18cls', 'MeshNet, 21 channels, 18 classes'),
  'ct-tissue': async () => {
    const { model, networks } = await readModel(`${sharedData}/models/ct-tissue-nnunet`);
    const scan = await scanFolder(`${sharedData}/ct/lidc-chest`);
    const [volume] = scan.studies[0].series[0].volumes;
    const first = { kind: 'dicom', modality: 'CT', volume } as const;
    const second = { kind: 'nifti', path: `${sharedData}/ct/ts-nifti/example_ct.nii.gz` } as const;
    return { name: 'ct-tissue', model, network: networks[0], images: { first, second } };
  },
};

/** In the box of the head: the images are skull-stripped, and the rest of the volume is zero. */
async function meshnet(file: string, name: string): Promise<VariantCase> {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../fixtures/meshnet/model30chan18cls.json', import.meta.url), 'utf8'),
  );
  const model = { ...manifestModel(readManifest(manifest)), cropToNonzero: true };
  const t1 = (image: string): VolumeSource => ({
    kind: 'nifti',
    path: `${sharedData}/mr/t1/${image}.nii.gz`,
  });
  const network = readFileSync(`${sharedData}/models/meshnet/${file}.onnx`);
  const images = { first: t1('livia_img1_t1'), second: t1('livia_img2_t1'), third: t1('t1_crop') };
  return { name, model, network, images };
}

export function inputShapesOf({ model, network }: VariantCase): Readonly<Record<string, readonly number[]>> {
  const input = readOnnx(network).graph.inputs[0]?.name ?? '';
  return { [input]: [1, model.channels.length, ...model.patch] };
}

const recipesOf = (factors: readonly number[]) =>
  factors.map((factor) => ({ ranks: ranksByFactor(factor), decide: decomposeWhereMacsFall }));

export function plainVariants(each: VariantCase, factors: readonly number[], pool: Pool): Promise<Variant[]> {
  const decompose: Decompose = (kernel, ranks) => pool.run({ kernel, ranks }, { name: 'decomposeKernel' });
  const options = { inputShapes: inputShapesOf(each), decompose, parallel: threads };
  return compressModel(readOnnx(each.network), recipesOf(factors), options);
}

export async function awareVariants(
  { model, network }: VariantCase,
  factors: readonly number[],
  calibration: readonly VolumeSource[],
  pool: Pool,
): Promise<readonly Variant[]> {
  const volumes = calibration.map((volume) => [volume]);
  const request = { networks: [network], model, volumes, recipes: recipesOf(factors), threads };
  return (await compressAwareNetworks(request, { pool }))[0];
}

export async function labelsOf(
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
export function overlap(labels: Uint8Array, expected: Uint8Array, { labels: known }: SegmentationModel) {
  const agreements = diceByLabel(labels, expected).filter(({ value }) => value > 0);
  const mean = agreements.reduce((sum, { dice }) => sum + dice, 0) / Math.max(1, agreements.length);
  const worst = agreements.toSorted((a, b) => a.dice - b.dice)[0];
  const name = known.find(({ value }) => value === worst?.value)?.name ?? '';
  return { mean, worst: worst ? `${worst.dice.toFixed(3)} ${name}` : '' };
}
