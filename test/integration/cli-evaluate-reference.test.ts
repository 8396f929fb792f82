import { join } from 'node:path';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { orientGrid, type Orientation } from '../../main/core/volume/orientation.ts';
import { denseView, orientView } from '../../main/core/volume/strided-view.ts';
import type { Grid, Voxels } from '../../main/core/volume/volume.ts';
import { putRaw } from '../../main/services/blob-store.ts';
import {
  axialGrid,
  manifestOf,
  sample,
  thresholdOnnx,
  writeModelFolder,
  writeNiftiFile,
  writeSeries,
} from '../fixtures/cli-inputs.ts';
import { withDatabase } from '../fixtures/dump-database.ts';
import { expectRefusal } from '../fixtures/expect-refusal.ts';
import { bundledStudy, runThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

// Spacing and orientation of the model: nothing is resampled, and every answer is known without running a network.
const grid = axialGrid([9, 16, 20], [2, 2, 2], [-30, 10, 100]);
const ramp = sample(grid, ([x]) => x + 40);
/** Voxels above a threshold along x. */
const above = (limit: number): Uint8Array => Uint8Array.from(ramp, (value) => Number(value > limit));
const image = (name = 'scan.nii.gz'): string => writeNiftiFile(join(tempDir(), name), ramp, grid);

/** A model that labels what is above 25, and a variant of it that does so above 29: two planes of voxels less. */
async function importWithVariant(data: string): Promise<string> {
  const folder = join(tempDir(), 'm');
  writeModelFolder(folder, thresholdOnnx([1], -25), manifestOf([{ name: 'any' }]));
  const { model } = await thinsliceJson(['models', 'import', folder, '--data', data]);
  const { id } = model as { id: string };
  addVariant(data, id, 'df-0.5', -29);
  return id;
}

function addVariant(data: string, model: string, name: string, bias: number): void {
  withDatabase(data, (db) => {
    db.prepare(
      `INSERT INTO model_variants (id, model_id, name, recipe, parameters, macs, created_at)
       SELECT ?, model_id, ?, recipe, parameters, macs - 1, created_at FROM model_variants WHERE id = ?`,
    ).run(`${model}/${name}`, name, `${model}/full`);
    db.prepare(`INSERT INTO variant_networks (variant_id, fold, sha256) VALUES (?, 0, ?)`).run(
      `${model}/${name}`,
      putRaw(db, thresholdOnnx([1], bias)),
    );
  });
}

interface Evaluation {
  readonly variantId: string;
  readonly reference: string;
  readonly labels: readonly Readonly<Record<string, unknown>>[];
}

const evaluate = async (model: string, data: string, ...args: readonly string[]) =>
  (await thinsliceJson(['models', 'evaluate', model, '--data', data, ...args])) as unknown as {
    readonly evaluations: readonly Evaluation[];
    readonly fidelity: readonly Readonly<Record<string, unknown>>[];
    readonly toleranceMm: number;
  };

/** Columns of voxels above the limits: x from -30 in steps of 2 means values from 10 to 48. */
const columns = { full: 12, variant: 10 };

function turn(voxels: Voxels, from: Grid, orientation: Orientation): { voxels: Uint8Array; grid: Grid } {
  const { offset, strides, shape } = orientView(denseView(from.shapeZyx), orientation);
  const turned = new Uint8Array(voxels.length);
  let at = 0;
  for (let a = 0; a < shape[0]; a++)
    for (let b = 0; b < shape[1]; b++)
      for (let c = 0; c < shape[2]; c++)
        turned[at++] = voxels[offset + a * strides[0] + b * strides[1] + c * strides[2]];
  return { voxels: turned, grid: orientGrid(from, orientation) };
}

describe('models evaluate, with a reference', () => {
  it('compares with the full model and, the full one too, with the labelmap, in whatever order its axes are', async () => {
    const data = tempDir();
    const model = await importWithVariant(data);
    const flipped = turn(above(21), grid, { permutation: [2, 0, 1], flips: [true, false, true] });
    const reference = writeNiftiFile(join(tempDir(), 'drawn.nii.gz'), flipped.voxels, flipped.grid);
    const report = await evaluate(model, data, '--on', image(), '--reference', reference);
    expect(report.toleranceMm).toBe(2);
    const area = 9 * 16;
    const drawn = 14 * area;
    const [full, variant] = [columns.full * area, columns.variant * area];
    const all = 20 * area;
    const found = report.evaluations.map(({ variantId, reference: kind, labels: [label] }) => [
      variantId,
      kind,
      label.referenceVoxels,
      label.comparedVoxels,
    ]);
    expect(found).toEqual([
      [`${model}/full`, 'labelmap', drawn, full],
      [`${model}/df-0.5`, 'full', full, variant],
      [`${model}/df-0.5`, 'labelmap', drawn, variant],
    ]);
    expect(report.evaluations[1].labels).toEqual([
      {
        name: 'above',
        value: 1,
        referenceVoxels: full,
        comparedVoxels: variant,
        missingIn: 'neither',
        dice: (2 * variant) / (full + variant),
        sensitivity: variant / full,
        specificity: (all - full) / (all - full),
        hd95Mm: expect.any(Number),
        surfaceDice: expect.any(Number),
      },
    ]);
    expect(report.fidelity).toMatchObject([
      {
        variant: 'df-0.5',
        dice: 20 / 22,
        images: 1,
        doNotTrust: ['above'],
        losses: { images: 1, fullDice: 24 / 26, variantDice: 20 / 24 },
      },
    ]);

    const { stdout } = await runThinslice(['models', 'show', model, '--data', data]);
    expect(stdout).toContain(
      'df-0.5: overlap with the full model 0.90 on average; do not trust: above (0.90).',
    );
    expect(stdout).toContain('loses most: above (0.92 to 0.83)');
  });

  it('replaces what was known of the same image, under any name, and adds what is known of another', async () => {
    const data = tempDir();
    const model = await importWithVariant(data);
    const rows = () =>
      withDatabase(data, (db) => db.prepare(`SELECT image_name, tolerance_mm FROM evaluations`).all());
    await evaluate(model, data, '--on', image('a.nii'), '--tolerance', '1');
    await evaluate(model, data, '--on', image('b.nii'), '--tolerance', '4');
    expect(rows()).toEqual([{ image_name: 'b.nii', tolerance_mm: 4 }]);
    // Nothing above either limit: what neither has does not count.
    const empty = writeNiftiFile(
      join(tempDir(), 'empty.nii'),
      ramp.map(() => 0),
      grid,
    );
    const { fidelity } = await evaluate(model, data, '--on', empty, '--on', image('c.nii'));
    expect(rows()).toHaveLength(2);
    expect(fidelity).toMatchObject([{ images: 2, dice: 20 / 22, labels: [{ studies: 1 }] }]);
  });

  it('says where a variant was made with the image, and counts others instead where there are any', async () => {
    const data = tempDir();
    const model = await importWithVariant(data);
    const scan = image();
    const key = `sha256:${createHash('sha256').update(readFileSync(scan)).digest('hex')}`;
    withDatabase(data, (db) =>
      db
        .prepare(
          `UPDATE model_variants SET recipe = json_set(recipe, '$.calibratedOn', json_array(?)) WHERE name = 'df-0.5'`,
        )
        .run(key),
    );
    const made = await evaluate(model, data, '--on', scan);
    expect(made.evaluations).toMatchObject([{ image: key, calibrated: true }]);
    expect(made.fidelity).toMatchObject([{ images: 1, calibrated: true, dice: 20 / 22 }]);
    expect(made.fidelity[0].description).toMatch(/made with, which flatters it/);
    // One plane of voxels more is above each limit.
    const voxels = ramp.map((value) => value + 2);
    const other = writeNiftiFile(join(tempDir(), 'other.nii'), voxels, grid);
    const both = await evaluate(model, data, '--on', other);
    expect(both.evaluations).toMatchObject([{ calibrated: false }]);
    expect(both.fidelity).toMatchObject([{ images: 1, calibrated: false, dice: 22 / 24 }]);
  });

  it('reads a DICOM SEG of the image, and what is not the image’s it refuses', async () => {
    const data = tempDir();
    const study = tempDir();
    const stored = { grid, voxels: ramp, number: 1, modality: 'MR' };
    writeSeries(study, stored);
    const model = await importWithVariant(data);
    const out = tempDir();
    const segment = ['segment', study, '--model', model, '--variant', 'full', '--data', data, '--out', out];
    const { files } = await thinsliceJson([...segment, '--format', 'seg']);
    const [{ path }] = files as { path: string }[];
    const { evaluations } = await evaluate(model, data, '--on', study, '--reference', path);
    expect(evaluations.map(({ labels: [label] }) => label.dice)).toEqual([1, 20 / 22, 20 / 22]);

    const elsewhere = tempDir();
    writeSeries(elsewhere, { ...stored, number: 2, grid: { ...grid, originLps: [0, 0, 0] } });
    const args = ['models', 'evaluate', model, '--on', elsewhere, '--reference', path];
    await expectRefusal(args, data, { code: 3, says: [path, /grid/] });
    const other = tempDir();
    writeSeries(other, { ...stored, number: 3, frameOfReference: '1.2.3.9' });
    const strange = ['models', 'evaluate', model, '--on', other, '--reference', path];
    await expectRefusal(strange, data, { code: 3, says: [path, /frame of reference/] });
  });
});

describe('models evaluate, given what it cannot use', () => {
  it('refuses in plain words, and stores nothing', async () => {
    const data = tempDir();
    const model = await importWithVariant(data);
    const scan = image();
    const refused = (code: number, says: readonly (RegExp | string)[], ...args: readonly string[]) =>
      expectRefusal(['models', 'evaluate', ...args], data, { code, says });
    const reference = (voxels: Voxels, on: Grid = grid) =>
      writeNiftiFile(join(tempDir(), `${randomUUID()}.nii`), voxels, on);
    const on = (...args: readonly string[]) => [model, '--on', scan, ...args];

    const folder = join(tempDir(), 'other');
    writeModelFolder(folder, thresholdOnnx([1], 3), manifestOf([{ name: 'any' }], { name: 'Other' }));
    const other = (
      (await thinsliceJson(['models', 'import', folder, '--data', data])).model as { id: string }
    ).id;
    addVariant(data, other, 'df-0.7', 2);

    await refused(4, [/no-such/], 'no-such');
    await refused(4, [`${model}/df-0.7`], ...on('--variant', 'df-0.7'));
    await refused(2, [/full variant/], ...on('--variant', 'full'));
    await refused(2, [/--on/], model);
    await refused(2, [/one --on/], ...on('--on', scan, '--reference', scan));
    await refused(3, [/no such file/], model, '--on', join(tempDir(), 'gone'));
    await refused(3, [/no such file/], ...on('--reference', join(tempDir(), 'gone.nii')));
    const small = axialGrid([9, 16, 19], [2, 2, 2], [-30, 10, 100]);
    await refused(
      3,
      [/19 × 16 × 9/, /20 × 16 × 9/],
      ...on('--reference', reference(new Uint8Array(9 * 16 * 19), small)),
    );
    const moved = { ...grid, originLps: [-30, 10, 101] as const };
    await refused(3, [/elsewhere/], ...on('--reference', reference(above(21), moved)));
    await refused(3, [/value 7/, /1 to 1/], ...on('--reference', reference(above(21).map((v) => v * 7))));
    await refused(3, [/value 0\.5/], ...on('--reference', reference(ramp.map(() => 0.5))));
    await refused(3, [/none of the model’s labels/], ...on('--reference', reference(above(99))));
    await refused(3, ['slice-'], ...on('--reference', join(bundledStudy, 'slice-01.dcm')));

    const gap = tempDir();
    for (const [number, z] of [
      [1, 0],
      [1, 50],
    ] as const)
      writeSeries(join(gap, `${z}`), {
        grid: { ...grid, originLps: [0, 0, z] },
        voxels: ramp,
        number,
        modality: 'MR',
      });
    await refused(3, [/not a plain volume/], model, '--on', gap);

    withDatabase(data, (db) => {
      const { sha256, data: bytes } = db
        .prepare(
          `SELECT blobs.sha256, data FROM blobs JOIN variant_networks USING (sha256) WHERE variant_id = ?`,
        )
        .get(`${model}/df-0.5`) as { sha256: string; data: Buffer };
      bytes[bytes.length - 1] ^= 1;
      db.prepare(`UPDATE blobs SET data = ? WHERE sha256 = ?`).run(bytes, sha256);
    });
    await refused(4, [model, /SHA-256/], ...on());
  });
});
