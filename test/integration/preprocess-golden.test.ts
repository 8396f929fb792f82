import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import type { Normalization, SegmentationModel } from '../../main/core/model/segmentation-model.ts';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { orient } from '../../main/core/volume/orientation.ts';
import { denseView, orientView } from '../../main/core/volume/strided-view.ts';
import { voxelCount, type Vec3, type Volume } from '../../main/core/volume/volume.ts';
import { createPool } from '../../main/engine/pool.ts';
import { preprocessVolumes } from '../../main/engine/preprocess-volume.ts';
import { gather, largestDifference, modelWith } from '../fixtures/preprocessing.ts';
import { readNpy } from '../fixtures/read-npy.ts';
import { describeShared, sharedData } from '../shared-data.ts';
import { axialGrid } from '../unit/core/volume/orientations.ts';

const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

describeShared('nnU-Net preprocessing', () => {
  const folder = `${sharedData}/golden/preprocessing`;
  const read = (name: string, file: string) => readNpy(`${folder}/${name}/${file}.npy`);

  function loadCase(name: string): {
    readonly volumes: Volume[];
    readonly model: SegmentationModel;
    readonly asRead: Vec3;
  } {
    const facts = JSON.parse(readFileSync(`${folder}/${name}/case.json`, 'utf8'));
    const { data } = read(name, 'raw');
    const count = voxelCount(facts.shape_zyx);
    const grid = axialGrid(facts.shape_zyx, facts.spacing_zyx);
    const normalizations = (facts.normalization_schemes as string[]).map((scheme, i): Normalization => {
      if (scheme === 'ZScoreNormalization') return { kind: 'zscore', useMask: facts.use_mask_for_norm[i] };
      const { percentile_00_5: lower, percentile_99_5: upper, mean, std } = facts.intensity_properties[i];
      return { kind: 'ct', lower, upper, mean, std };
    });
    return {
      volumes: normalizations.map((_, i) => ({ voxels: data.slice(i * count, (i + 1) * count), grid })),
      model: modelWith(normalizations, {
        spacingMm: facts.target_spacing,
        transposeForward: facts.transpose_forward,
      }),
      asRead: facts.spacing_transposed,
    };
  }

  const names = ['ct-anisotropic', 'ct-isotropic', 'ct-thin-to-thick', 'mr-zero-border'];
  it.each(names)('%s agrees with the reference', async (name) => {
    const { volumes, model } = loadCase(name);
    const facts = JSON.parse(readFileSync(`${folder}/${name}/case.json`, 'utf8'));
    const { data, shape, croppedShape, restore } = await preprocessVolumes(volumes, model, { pool });
    expect(shape).toEqual(facts.new_shape);
    expect(croppedShape).toEqual(facts.shape_after_cropping_and_before_resampling);
    const box = facts.bbox_used_for_cropping as [number, number][];
    expect(restore.box).toEqual({ start: box.map(([start]) => start), end: box.map(([, end]) => end) });
    expect(restore.separateZAxis).toBe(facts.separate_z_export.axis);
    // The fixture allows 2e-4; only the float32 rounding between the two halves is left.
    expect(largestDifference(data, read(name, 'preprocessed').data)).toBeLessThanOrEqual(2e-6);
  });

  it.each(names.filter((name) => name !== 'ct-thin-to-thick'))(
    '%s is normalised as in the reference',
    async (name) => {
      const { volumes, model, asRead } = loadCase(name);
      const { data } = await preprocessVolumes(volumes, { ...model, spacingMm: asRead }, { pool });
      expect(largestDifference(data, read(name, 'normalised').data)).toBeLessThanOrEqual(2e-5);
    },
  );
});

describeShared('TotalSegmentator preprocessing', () => {
  const folder = `${sharedData}/golden/totalsegmentator-pipeline`;
  const none: Normalization = { kind: 'none' };
  /** The fixtures' arrays are i, j, k; ours are z, y, x. */
  const reversed = { permutation: [2, 1, 0], flips: [false, false, false] } as const;

  it.each(['ct_lps', 'ct_sla_oblique'])('%s agrees with the reference', async (name) => {
    const { volume } = readNifti(gunzipSync(readFileSync(`${folder}/${name}_input.nii.gz`)));
    const facts = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
    const canonical = readNpy(`${folder}/${name}_canonical.npy`);
    const view = orientView(denseView(volume.grid.shapeZyx), orient(volume.grid, 'SAR'));
    const expectedView = orientView(denseView(canonical.shape as Vec3), reversed);
    expect(gather(volume.voxels, view)).toEqual(gather(canonical.data, expectedView));

    for (const { file, spacing, order } of facts.resampled) {
      const spacingMm = (Array.isArray(spacing)
        ? spacing.toReversed()
        : [spacing, spacing, spacing]) as unknown as Vec3;
      const resampling = { kind: 'totalsegmentator', dataOrder: order } as const;
      const model = modelWith([none], { orientation: 'SAR', spacingMm, resampling, cropToNonzero: false });
      const { data, shape } = await preprocessVolumes([volume], model, { pool });
      const expected = readNpy(`${folder}/${file}`);
      expect(shape).toEqual(expected.shape.toReversed());
      const values = gather(expected.data, orientView(denseView(expected.shape as Vec3), reversed));
      const { tolerance } = JSON.parse(readFileSync(`${folder}/${file.replace('.npy', '.json')}`, 'utf8'));
      expect(largestDifference(data, values)).toBeLessThanOrEqual(tolerance.max_abs);
      const differing = values.filter((value, i) => value !== data[i]).length;
      expect(differing / values.length).toBeLessThanOrEqual(tolerance.max_differing_fraction);
    }
  });
});
