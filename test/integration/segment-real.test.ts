import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import type { SegmentRequest, VolumeSource } from '../../main/contract/engine-protocol.ts';
import { manifestModel, readManifest } from '../../main/core/model/manifest.ts';
import type { SegmentationModel } from '../../main/core/model/segmentation-model.ts';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { writeNifti } from '../../main/core/nifti/write-nifti.ts';
import { diceByLabel } from '../../main/core/segment/6-measure/dice.ts';
import type { Vec3, Volume } from '../../main/core/volume/volume.ts';
import { createPool } from '../../main/engine/pool.ts';
import { runSegmentJob } from '../../main/engine/segment-job.ts';
import { readModel } from '../../main/services/read-model.ts';
import { scanFolder } from '../../main/services/scan-folder.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { describeShared, sharedData } from '../shared-data.ts';

const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

type Network = Pick<SegmentRequest, 'model' | 'networks'>;

async function segment(source: VolumeSource, network: Network): Promise<Uint8Array> {
  const device = { provider: 'cpu', deviceId: 0, name: 'CPU' } as const;
  const request = { ...network, jobId: 'job', channels: [source], device, threads: 0, finishedSlabs: [] };
  const outcome = await runSegmentJob(request, {
    pool,
    signal: new AbortController().signal,
    send: () => {},
  });
  return gunzipSync(outcome.labelsGz);
}

const readVolume = (path: string): Volume => readNifti(gunzipSync(readFileSync(path))).volume;
const readLabels = (path: string) => readVolume(path).voxels as Uint8Array;

describeShared('the CT tissue network', () => {
  const folder = `${sharedData}/models/ct-tissue-nnunet`;

  // What float16 sums change in the reference is far less than a thousandth.
  const expectAgreement = (labels: Uint8Array, expected: string) => {
    const agreements = diceByLabel(labels, readLabels(`${folder}/expected/${expected}`));
    expect(agreements.length).toBeGreaterThanOrEqual(5);
    for (const { dice } of agreements) expect(dice).toBeGreaterThanOrEqual(0.999);
  };

  it('labels a NIfTI volume as nnU-Net does', async () => {
    const path = `${sharedData}/ct/ts-nifti/example_ct.nii.gz`;
    expectAgreement(await segment({ kind: 'nifti', path }, await readModel(folder)), 'example_ct.nii.gz');
  });

  it('labels a DICOM series as nnU-Net does', async () => {
    const scan = await scanFolder(`${sharedData}/ct/lidc-chest`);
    const [volume] = scan.studies[0].series[0].volumes;
    const source = { kind: 'dicom', modality: 'CT', volume } as const;
    expectAgreement(await segment(source, await readModel(folder)), 'lidc0314_160.nii.gz');
  });
});

describeShared('MeshNet', () => {
  const references = `${sharedData}/models/meshnet/reference`;
  const t1 = `${sharedData}/mr/t1/t1_crop.nii.gz`;

  function meshnet(name: string, change: Partial<SegmentationModel> = {}): Network {
    const json = JSON.parse(
      readFileSync(new URL(`../fixtures/meshnet/${name}.json`, import.meta.url), 'utf8'),
    );
    const model = { ...manifestModel(readManifest(json)), ...change };
    return { model, networks: [readFileSync(`${sharedData}/models/meshnet/${name}.onnx`)] };
  }

  const differing = (a: Uint8Array, b: Uint8Array) => a.filter((label, i) => label !== b[i]).length;

  it('of 5 channels labels a whole head as one pass does', async () => {
    const labels = await segment({ kind: 'nifti', path: t1 }, meshnet('model5_gw_ae'));
    // Near ties: the two best logits differ by less than 1e-4 at 15 voxels.
    expect(
      differing(labels, readLabels(`${references}/t1_crop_model5_gw_ae_argmax.nii.gz`)),
    ).toBeLessThanOrEqual(100);
  });

  it('of 5 channels labels it alike in tiles', async () => {
    const labels = await segment(
      { kind: 'nifti', path: t1 },
      meshnet('model5_gw_ae', { patch: [176, 256, 208] }),
    );
    expect(
      differing(labels, readLabels(`${references}/t1_crop_model5_gw_ae_argmax.nii.gz`)),
    ).toBeLessThanOrEqual(100);
  });

  // The whole head takes a minute and 5 GB.
  it('of 30 channels labels a crop of a head as one pass does', async () => {
    const path = join(tempDir(), 'crop.nii');
    writeFileSync(path, Buffer.concat(writeNifti(...cropOf(readVolume(t1), 96, 160), 'crop')));
    // The reference divides by the largest value of the whole head.
    const byte = { kind: 'ct', lower: 0, upper: 255, mean: 0, std: 255 } as const;
    const channels = [{ name: 'T1', modality: 'MR', normalization: byte }];
    const labels = await segment({ kind: 'nifti', path }, meshnet('model30chan18cls', { channels }));
    const expected = readLabels(`${references}/crop64_model30chan18cls_argmax.nii.gz`);
    expect(differing(labels, expected)).toBeLessThanOrEqual(expected.length / 1000);
  });
});

/** The cube [from, to) along every axis. */
function cropOf({ voxels, grid }: Volume, from: number, to: number): [Uint8Array, Volume['grid']] {
  const n = to - from;
  const [, n1, n2] = grid.shapeZyx;
  const crop = new Uint8Array(n ** 3);
  for (let z = 0; z < n; z++)
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++)
        crop[(z * n + y) * n + x] = voxels[((z + from) * n1 + y + from) * n2 + x + from];
  return [crop, { ...grid, shapeZyx: [n, n, n] as Vec3 }];
}
