import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import type { Device } from '../../main/contract/engine-protocol.ts';
import { preprocessVolumes } from '../../main/engine/preprocess-volume.ts';
import { predictLabels } from '../../main/engine/predict-labels.ts';
import { loadNetworks } from '../../main/engine/predict-network.ts';
import { createJobClock } from '../../main/engine/job-clock.ts';
import { createPool } from '../../main/engine/pool.ts';
import { readModel, type ImportedModel } from '../../main/services/read-model.ts';
import { planTiles } from '../../main/core/segment/2-tile/plan-tiles.ts';
import { predictPlanes } from '../../main/core/segment/3-predict/predict-planes.ts';
import { cellCount } from '../../main/core/segment/5-restore/axis-map.ts';
import { placeLabels } from '../../main/core/segment/5-restore/place-labels.ts';
import { restoreRows } from '../../main/core/segment/5-restore/restore-rows.ts';
import { restoreTarget } from '../../main/core/segment/5-restore/restore-target.ts';
import type { Decision } from '../../main/core/model/segmentation-model.ts';
import { boxShape } from '../../main/core/volume/box.ts';
import { voxelCount, type Vec3 } from '../../main/core/volume/volume.ts';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { modelWith, nnunet } from '../fixtures/preprocessing.ts';
import { readNpy } from '../fixtures/read-npy.ts';
import { difference } from '../fixtures/run-onnx.ts';
import { describeShared, sharedData } from '../shared-data.ts';
import { axialGrid } from '../unit/core/volume/orientations.ts';

const golden = `${sharedData}/golden`;
const cpu: Device = { provider: 'cpu', deviceId: 0, name: 'CPU' };
const { signal } = new AbortController();
const readJson = (path: string) => JSON.parse(readFileSync(`${golden}/${path}`, 'utf8'));

const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

/** Fraction of equal labels. */
function agreement(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let equal = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) equal++;
  return equal / a.length;
}

function argmax(logits: Float32Array, classes: number): Uint8Array {
  const size = logits.length / classes;
  return Uint8Array.from({ length: size }, (_, i) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[c * size + i] > logits[best * size + i]) best = c;
    return best;
  });
}

describeShared('sliding-window inference (golden)', () => {
  it.each([
    { name: 'nomirror', volume: 'volume', mirrorAxes: [], step: 0.5 },
    { name: 'mirror012', volume: 'volume', mirrorAxes: [0, 1, 2], step: 0.5 },
    { name: 'small_mirror01_step03', volume: 'volume_small', mirrorAxes: [0, 1], step: 0.3 },
  ])('$name has the logits of nnU-Net', async ({ name, volume, mirrorAxes, step }) => {
    const imported = await readModel(`${golden}/nnunet-model-old-plans`);
    const input = readNpy(`${golden}/sliding-window/${volume}.npy`);
    const shape = input.shape.slice(1) as unknown as Vec3;
    const plan = planTiles({ ...imported.model, tiling: { kind: 'gaussian', step } }, shape);
    const networks = await loadNetworks(
      { ...imported, device: cpu, threads: 1, finishedSlabs: [] } as never,
      plan.tileShape,
      signal,
    );
    const classes = 5;
    const area = shape[1] * shape[2];
    const logits = new Float32Array(classes * voxelCount(shape));
    const planeOf = new Float32Array(classes * area);
    const prediction = {
      ...networks,
      data: input.data as Float32Array,
      inputChannels: 1,
      shape,
      plan,
      mirrorAxes,
      firstPlane: 0,
      onTile: () => {},
    };
    for await (const plane of predictPlanes(prediction)) {
      plane.take(planeOf, 0);
      for (let c = 0; c < classes; c++) {
        logits.set(planeOf.subarray(c * area, (c + 1) * area), (c * shape[0] + plane.index) * area);
      }
    }
    await networks.release();

    const expected = readNpy(`${golden}/sliding-window/${name}_logits_f32.npy`).data as Float32Array;
    const { tolerance } = readJson(`sliding-window/${name}_logits_f32.json`);
    const { maxAbs, rmse } = difference(logits, expected);
    expect(maxAbs).toBeLessThanOrEqual(tolerance.float32_engine.max_abs);
    expect(rmse).toBeLessThanOrEqual(tolerance.float32_engine.rmse);
    expect(agreement(argmax(logits, classes), argmax(expected, classes))).toBeGreaterThanOrEqual(
      tolerance.float32_engine.label_agreement_min,
    );
  });
});

describeShared('restoring logits to the input grid (golden)', () => {
  it.each(['ct-anisotropic', 'ct-isotropic', 'ct-thin-to-thick', 'mr-zero-border'])(
    '%s has the labels of nnU-Net',
    (name) => {
      const facts = readJson(`preprocessing/${name}/case.json`);
      const { data, shape: logitsShape } = readNpy(`${golden}/preprocessing/${name}/logits.npy`);
      const [classes, ...shape] = logitsShape as unknown as [number, number, number, number];
      const bounds = facts.bbox_used_for_cropping as [number, number][];
      const preprocessed = {
        shape: shape as unknown as Vec3,
        croppedShape: facts.shape_after_cropping_and_before_resampling as Vec3,
        restore: {
          inputShapeZyx: facts.shape_zyx as Vec3,
          permutation: facts.transpose_forward as Vec3,
          flips: [false, false, false] as const,
          box: {
            start: bounds.map(([start]) => start) as unknown as Vec3,
            end: bounds.map(([, end]) => end) as unknown as Vec3,
          },
          separateZAxis: facts.separate_z_export.do_separate_z
            ? (facts.separate_z_export.axis as number)
            : null,
          resampling: nnunet,
          zoomed: null,
        },
      };
      const { maps, box } = restoreTarget(preprocessed);
      const decision: Decision = facts.regions_class_order
        ? { kind: 'regions', values: facts.regions_class_order }
        : { kind: 'argmax', values: Array.from({ length: classes }, (_, c) => c) };
      const area = shape[1] * shape[2];
      const planes = new Float32Array(data.length);
      for (let p = 0; p < shape[0]; p++)
        for (let c = 0; c < classes; c++)
          planes.set(
            data.subarray((c * shape[0] + p) * area, (c * shape[0] + p + 1) * area),
            (p * classes + c) * area,
          );
      const cropped = new Uint8Array(voxelCount(boxShape(box)));
      restoreRows(
        {
          logits: planes,
          firstPlane: 0,
          classes,
          shape: preprocessed.shape,
          maps,
          cells: [0, cellCount(maps[0])],
          outputPlanes: [0, maps[0].outSize],
          decision,
          labels: cropped,
        },
        [0, cellCount(maps[1])],
      );
      const labels = new Uint8Array(voxelCount(facts.shape_zyx));
      placeLabels(cropped, 0, box, preprocessed.restore, labels);
      const expected = readNpy(`${golden}/preprocessing/${name}/labelmap.npy`).data;
      const { tolerance } = readJson(`preprocessing/${name}/labelmap.json`);
      // The reference rounds the resampled logits to float16, so that near ties may differ.
      expect(1 - agreement(labels, expected)).toBeLessThanOrEqual(tolerance.max_differing_fraction);
    },
  );
});

describeShared('whole pipeline (golden)', () => {
  it.each(['nnunet-model-old-plans', 'nnunet-model-new-plans'])(
    '%s has the labels of nnU-Net',
    async (name) => {
      const { model, networks }: ImportedModel = await readModel(`${golden}/${name}`);
      // The fixture is what nnU-Net's reader gave: oriented already.
      const imported = { networks, model: { ...model, orientation: 'as-read' } };
      const facts = readJson(`${name}/end_to_end/case.json`);
      const raw = readNpy(`${golden}/${name}/end_to_end/raw.npy`);
      const shape = raw.shape.slice(-3) as unknown as Vec3;
      const grid = axialGrid(shape, facts.spacing_zyx);
      const volumes = imported.model.channels.map((_, c) => ({
        voxels: raw.data.slice(c * voxelCount(shape), (c + 1) * voxelCount(shape)),
        grid,
      }));
      const preprocessed = await preprocessVolumes(volumes, imported.model, { pool });
      expect(preprocessed.shape).toEqual(facts.network_grid_shape);
      const request = { ...imported, jobId: 'job', channels: [], device: cpu, threads: 1, finishedSlabs: [] };
      const labels = new Uint8Array(new SharedArrayBuffer(voxelCount(shape)));
      const send = () => {};
      await predictLabels(request, preprocessed, labels, {
        pool,
        signal,
        send,
        clock: createJobClock('job', send),
      });
      const expected = readNpy(`${golden}/${name}/end_to_end/labelmap_f32.npy`).data;
      const { tolerance } = readJson(`${name}/end_to_end/labelmap_f32.json`);
      expect(agreement(labels, expected)).toBeGreaterThanOrEqual(tolerance.label_agreement_min);
    },
  );
});

describeShared('labels back to the input grid in TotalSegmentator (golden)', () => {
  const folder = `${golden}/totalsegmentator-pipeline`;

  /** The fixtures' axes i, j, k (k fastest) are x, y, z. */
  const toZyx = ({ shape: [ni, nj, nk], data }: ReturnType<typeof readNpy>) =>
    Uint8Array.from(
      { length: data.length },
      (_, at) => data[((at % ni) * nj + (Math.floor(at / ni) % nj)) * nk + Math.floor(at / ni / nj)],
    );

  it.each([
    { name: 'ct_lps', spacing: '1p5', spacingMm: [1.5, 1.5, 1.5] },
    { name: 'ct_lps', spacing: '4p0', spacingMm: [4, 4, 4] },
    { name: 'ct_sla_oblique', spacing: '2p2x2p2x4p0', spacingMm: [4, 2.2, 2.2] },
  ])('$name from $spacing mm agrees with the reference', async ({ name, spacing, spacingMm }) => {
    const { volume } = readNifti(gunzipSync(readFileSync(`${folder}/${name}_input.nii.gz`)));
    const model = modelWith([{ kind: 'none' }], {
      spacingMm: spacingMm as unknown as Vec3,
      orientation: 'SAR',
      cropToNonzero: false,
      resampling: { kind: 'totalsegmentator', dataOrder: 1 },
    });
    const preprocessed = await preprocessVolumes([volume], model, { pool });
    const fixture = readNpy(`${folder}/${name}_labels_${spacing}.npy`);
    expect(preprocessed.shape).toEqual(fixture.shape.toReversed());
    const zoomed = toZyx(fixture);
    const { maps, box } = restoreTarget(preprocessed);
    const classes = zoomed.reduce((most, label) => Math.max(most, label), 0) + 1;
    const [n0, n1, n2] = preprocessed.shape;
    const area = n1 * n2;
    const logits = new Float32Array(classes * zoomed.length);
    zoomed.forEach((label, i) => (logits[(Math.floor(i / area) * classes + label) * area + (i % area)] = 1));
    const restored = new Uint8Array(voxelCount(boxShape(box)));
    restoreRows(
      {
        logits,
        firstPlane: 0,
        classes,
        shape: [n0, n1, n2],
        maps,
        cells: [0, cellCount(maps[0])],
        outputPlanes: [0, maps[0].outSize],
        decision: { kind: 'argmax', values: Array.from({ length: classes }, (_, c) => c) },
        labels: restored,
      },
      [0, cellCount(maps[1])],
    );
    const labels = new Uint8Array(volume.voxels.length);
    placeLabels(restored, 0, box, preprocessed.restore, labels);
    const expected = toZyx(
      readNpy(`${folder}/${name}_labels_${spacing}_upsampled_order0_undo_canonical.npy`),
    );
    // Stated: exact halves may fall to the other side.
    expect(1 - agreement(labels, expected)).toBeLessThanOrEqual(0.0005);
  });
});
