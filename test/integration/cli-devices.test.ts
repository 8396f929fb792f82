import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { DeviceReport } from '../../main/services/device-reports.ts';
import type { Machine } from '../../main/core/devices/machine.ts';
import { withDatabase } from '../fixtures/dump-database.ts';
import { bundledStudy, runThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

interface Devices {
  readonly machine: Machine;
  readonly devices: readonly DeviceReport[];
}

const devicesOf = async (data: string, ...args: readonly string[]) =>
  (await thinsliceJson(['devices', ...args, '--data', data])) as unknown as Devices;

describe('devices', () => {
  it('shows this machine, the processor last, which needs no check', async () => {
    const { machine, devices } = await devicesOf(tempDir());
    expect(machine.cpu.logicalCores).toBeGreaterThanOrEqual(availableParallelism());
    // The kernel and Node count reserved pages differently.
    expect(machine.memoryTotalBytes / totalmem()).toBeCloseTo(1, 2);
    expect(devices.at(-1)).toMatchObject({ provider: 'cpu', kind: 'cpu', check: null, timings: [] });
    for (const { provider, check } of devices) if (provider !== 'cpu') expect(check).not.toBeNull();
  });

  it('--check runs the test network on the processor too, which gives what it gave before, and keeps the verdict', async () => {
    const data = tempDir();
    const checked = (await devicesOf(data, '--check')).devices.at(-1);
    expect(checked?.check?.verdict).toMatchObject({ passed: true });
    expect(checked?.check?.words).toMatch(/^trusted: /);
    expect((await devicesOf(data)).devices.at(-1)?.check).toEqual(checked?.check);
  });

  it('says it in words', async () => {
    const { code, stdout, stderr } = await runThinslice(['devices', '--check', '--data', tempDir()]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^Processor +\S.*\nCores +\d+ \(\d+ logical\)\n(.*\n)*Memory +\d+ MiB/);
    expect(stdout).toMatch(/^Check +trusted: [\d.]+ % of the labels/m);
  });
});

interface Report {
  readonly model: { readonly id: string; readonly variant: string };
  readonly choice: Readonly<Record<string, unknown>>;
  readonly labels: readonly { readonly voxels: number }[];
}

/** What an evaluation of the variant on some image would have stored. */
function storeFidelity(data: string, variantId: string, dice: number): void {
  withDatabase(data, (db) => {
    db.prepare(`DELETE FROM evaluations`).run();
    db.prepare(
      `INSERT INTO evaluations (id, variant_id, image, image_name, reference, calibrated, tolerance_mm, created_at)
       VALUES ('e', ?, 'i', 'i', 'full', 0, 1, '2026-01-01')`,
    ).run(variantId);
    db.prepare(
      `INSERT INTO evaluation_labels
         (evaluation_id, value, reference_voxels, compared_voxels, missing_in, dice, surface_dice)
       VALUES ('e', 1, 9, 9, 'neither', ?, 1)`,
    ).run(dice);
  });
}

/** What runs of these variants would have taken, in place of whatever was measured. */
function storeSeconds(data: string, seconds: Readonly<Record<string, number>>): void {
  withDatabase(data, (db) => {
    const [row] = db.prepare(`SELECT * FROM run_measurements`).all() as Record<string, unknown>[];
    db.prepare(`DELETE FROM run_measurements`).run();
    const insert = db.prepare(
      `INSERT INTO run_measurements (device_key, variant_id, tile_shape, seconds, app_version, measured_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    for (const [variant, each] of Object.entries(seconds))
      insert.run(row.device_key, variant, row.tile_shape, each, row.app_version, row.measured_at);
  });
}

test('segment takes the most faithful variant that meets the wish, says why, and learns from its runs', async () => {
  const data = tempDir();
  const out = tempDir();
  const segmented = async (...args: readonly string[]) =>
    (await thinsliceJson(['segment', bundledStudy, '--data', data, ...args])) as unknown as Report;

  const alone = await segmented();
  expect(alone.model.variant).toBe('full');
  expect(alone.choice).toMatchObject({ variant: 'full', overlapWithFull: 1, secondsBasis: 'estimated' });
  expect(alone.choice.reason).toMatch(
    /^The full variant runs on .+ in about .+, and no variant is more faithful\.$/,
  );
  expect(alone.choice.expectedMemoryBytes).toBeGreaterThan(2 ** 27);
  const timings = (await devicesOf(data)).devices.at(-1)?.timings;
  expect(timings).toMatchObject([{ model: alone.model.id, variant: 'full', tileShape: [64, 64, 64] }]);

  await thinsliceJson([
    'models',
    'compress',
    alone.model.id,
    '--df',
    '0.5',
    '--layers',
    'cheaper',
    '--data',
    data,
  ]);
  storeSeconds(data, { [`${alone.model.id}/full`]: 100, [`${alone.model.id}/df-0.5-cheaper`]: 50 });
  storeFidelity(data, `${alone.model.id}/df-0.5-cheaper`, 0.97);
  const wish = ['--time-wish', '850', '--out', out, '--format', 'json,csv,seg'];
  const faster = await segmented(...wish);
  expect(faster.model.variant).toBe('df-0.5-cheaper');
  expect(faster.choice.reason).toMatch(
    /^The df-0\.5-cheaper variant \(overlap with the full model 97 %\) runs on .+, because the full variant would take about 15 min, and 14 min were wished for\.$/,
  );
  const exported = (extension: string) =>
    readFileSync(join(out, readdirSync(out).find((name) => name.endsWith(extension)) ?? ''));
  expect(JSON.parse(exported('.json').toString()).model).toMatchObject({
    variant: 'df-0.5-cheaper',
    overlapWithFull: 0.97,
  });
  expect(exported('.csv').toString()).toMatch(/,df-0\.5-cheaper,0\.97,,cpu,/);
  expect(exported('.dcm').toString('latin1')).toContain(
    'variant df-0.5-cheaper (97 % overlap with the full model)',
  );

  storeFidelity(data, `${alone.model.id}/df-0.5-cheaper`, 0.94);
  const faithful = await segmented('--time-wish', '1');
  expect(faithful.model.variant).toBe('full');
  expect(faithful.choice.reason).toMatch(/instead of the 1 s wished for/);
  expect(faithful.labels).toEqual(alone.labels);
});
