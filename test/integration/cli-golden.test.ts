import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { voxelCount, type Grid, type Vec3 } from '../../main/core/volume/volume.ts';
import { axialGrid, writeNiftiFile } from '../fixtures/cli-inputs.ts';
import { readNpy } from '../fixtures/read-npy.ts';
import { thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { describeShared, sharedData } from '../shared-data.ts';

const golden = join(sharedData, 'golden');

interface Recipe {
  readonly channels: readonly { readonly name: string }[];
  readonly decision: { readonly kind: string };
}

describeShared('nnU-Net’s own models and phantoms, through the command', () => {
  it.each([
    { name: 'nnunet-model-old-plans', decision: 'argmax' },
    // Two channels, regions, mirroring, and network axes of its own.
    { name: 'nnunet-model-new-plans', decision: 'regions' },
  ])('$name gives the labels of nnU-Net in float32', async ({ name, decision }) => {
    const folder = join(golden, name);
    const raw = readNpy(join(folder, 'end_to_end/raw.npy'));
    const [, ...shape] = raw.shape as unknown as [number, number, number, number];
    const { spacing_zyx } = readJson(join(folder, 'end_to_end/raw.json')) as { spacing_zyx: Vec3 };
    // The phantom is in the order of the model's reader. One of the two turns images so that z, y, x grow towards S, A, R;
    // the other takes them as they are.
    const grid: Grid = {
      ...axialGrid(shape, spacing_zyx),
      directionsZyx: [
        [0, 0, 1],
        [0, -1, 0],
        [-1, 0, 0],
      ],
    };
    const [data, inputs, out] = [tempDir(), tempDir(), tempDir()];
    const { model } = (await thinsliceJson(['models', 'import', folder, '--data', data])) as unknown as {
      model: { id: string; recipe: Recipe };
    };
    expect(model.recipe.decision.kind).toBe(decision);

    const size = voxelCount(shape);
    const paths = model.recipe.channels.map((_, c) =>
      writeNiftiFile(
        join(inputs, `channel-${c}.nii.gz`),
        (raw.data as Int16Array).subarray(c * size, (c + 1) * size),
        grid,
      ),
    );
    const others = model.recipe.channels
      .slice(1)
      .flatMap(({ name: channel }, i) => ['--channel', `${channel}=${paths[i + 1]}`]);
    const settings = ['--model', model.id, '--data', data, '--out', out, '--format', 'nifti'];
    const { files } = (await thinsliceJson(['segment', paths[0]!, ...others, ...settings])) as unknown as {
      files: { path: string }[];
    };
    const { volume } = readNifti(Uint8Array.from(gunzipSync(readFileSync(files[0]!.path))));
    expect(volume.grid.shapeZyx).toEqual(shape);

    const expected = readNpy(join(folder, 'end_to_end/labelmap_f32.npy')).data;
    const { tolerance } = readJson(join(folder, 'end_to_end/labelmap_f32.json')) as {
      tolerance: { label_agreement_min: number };
    };
    // The tolerance is the fixture's own: random weights, whose labels turn on rounding.
    let equal = 0;
    expected.forEach((label, i) => (equal += label === volume.voxels[i] ? 1 : 0));
    expect(equal / size).toBeGreaterThanOrEqual(tolerance.label_agreement_min);
  });
});

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
