import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/contract/app-error.ts';
import type { AppError } from '../../main/contract/app-error.ts';
import type { VolumeSource } from '../../main/contract/engine-protocol.ts';
import { describeVerdict } from '../../main/core/dicom/read/describe-verdict.ts';
import type { Voxels } from '../../main/core/volume/volume.ts';
import { loadVolume } from '../../main/engine/load-volume.ts';
import { createPool } from '../../main/engine/pool.ts';
import type { Pool } from '../../main/engine/pool.ts';
import { writeNifti } from '../../main/core/nifti/write-nifti.ts';
import { dicomSource } from '../fixtures/dicom-source.ts';
import { bytesOf, concat, makeDicom } from '../fixtures/make-dicom.ts';
import type { ImageFields } from '../fixtures/make-dicom.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const rows = 4;
const columns = 5;
const pixels = rows * columns;

let pool: Pool;
beforeAll(() => {
  pool = createPool({ threads: 2 });
});
afterAll(() => pool.destroy());

/** One file a slice; slice k holds 100·k + pixel index, plus `base`. */
function writeSlices(count: number, image: Partial<ImageFields> = {}, base = 0): string[] {
  const dir = tempDir();
  return Array.from({ length: count }, (_, slice) => {
    const values = Int16Array.from({ length: pixels }, (_, index) => base + 100 * slice + index);
    const path = join(dir, `slice ${slice} ü`);
    writeFileSync(path, makeDicom({ rows, columns, ...image }, 'explicit', bytesOf(values)));
    return path;
  });
}

function expected(count: number, value: (slice: number, index: number) => number): number[] {
  return Array.from({ length: count * pixels }, (_, at) => value(Math.floor(at / pixels), at % pixels));
}

async function failure(source: VolumeSource, signal?: AbortSignal): Promise<AppError> {
  const error: unknown = await loadVolume(source, { pool, ...(signal ? { signal } : {}) }).then(
    () => 'nothing failed',
    (reason: unknown) => reason,
  );
  if (error instanceof AppFailure) return error.error;
  throw error;
}

describe('loadVolume, DICOM', () => {
  it('stacks slices in order as shared Int16, and reports every slice once', async () => {
    const seen: number[] = [];
    const source = dicomSource(writeSlices(11), { intercept: -1024 });
    const onProgress = (done: number, total: number) => seen.push(done, total);
    const { voxels, grid } = await loadVolume(source, { pool, onProgress });
    expect(voxels).toBeInstanceOf(Int16Array);
    expect(voxels.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(grid).toEqual(source.volume.grid);
    expect([...voxels]).toEqual(expected(11, (slice, index) => 100 * slice + index - 1024));
    expect(seen.slice(-2)).toEqual([11, 11]);
    expect(seen.filter((_, at) => at % 2 === 0)).toEqual([...new Set(seen.filter((_, at) => at % 2 === 0))]);
  });

  it('places the frames of a multi-frame file, each with its own rescale', async () => {
    const path = join(tempDir(), 'frames');
    const values = Int16Array.from({ length: 9 * pixels }, (_, at) => at);
    writeFileSync(path, makeDicom({ rows, columns, frames: 9 }, 'implicit', bytesOf(values)));
    const source = dicomSource([path], { frames: 9 });
    const frames = source.volume.frames
      .map((ref) => ({ ...ref, rescaleIntercept: 1000 * ref.frame }))
      .reverse();
    const { voxels } = await loadVolume({ ...source, volume: { ...source.volume, frames } }, { pool });
    expect([...voxels]).toEqual(
      expected(9, (slice, index) => (8 - slice) * pixels + index + 1000 * (8 - slice)),
    );
  });

  it('becomes float only where a rescale is not a whole number', async () => {
    const { voxels } = await loadVolume(dicomSource(writeSlices(3), { slope: 0.5 }), { pool });
    expect(voxels).toBeInstanceOf(Float32Array);
    expect([...voxels]).toEqual(expected(3, (slice, index) => (100 * slice + index) / 2));
  });

  it('becomes Uint16 for unsigned data above 32767, and float where no 16 bits hold it', async () => {
    const files = writeSlices(3, {}, 40000);
    const unsigned = await loadVolume(dicomSource(files), { pool });
    expect(unsigned.voxels).toBeInstanceOf(Uint16Array);
    expect([...unsigned.voxels]).toEqual(expected(3, (slice, index) => 40000 + 100 * slice + index));
    const low = await loadVolume(dicomSource(files, { intercept: -5000 }), { pool });
    expect(low.voxels).toBeInstanceOf(Float32Array);
    expect([...low.voxels]).toEqual(expected(3, (slice, index) => 35000 + 100 * slice + index));
  });

  it('keeps padding that no 16 bits hold from making the volume float', async () => {
    const path = join(tempDir(), 'padded');
    const values = Int16Array.from({ length: pixels }, (_, index) => (index < 3 ? -32768 : index));
    writeFileSync(
      path,
      makeDicom({ rows, columns, signed: true, padding: -32768 }, 'explicit', bytesOf(values)),
    );
    const { voxels } = await loadVolume(dicomSource([path], { intercept: -1024 }), { pool });
    expect(voxels).toBeInstanceOf(Int16Array);
    expect([...voxels]).toEqual(expected(1, (_, index) => (index < 3 ? -32768 : index - 1024)));
  });

  it('reshears a tilted stack: whole and half pixels, −1024 HU outside', async () => {
    const shiftYMm = [0, 1, 0.5];
    const assembly = { kind: 'reshear', shiftYMm, shiftXMm: [0, 0, 0] } as const;
    const { voxels } = await loadVolume(dicomSource(writeSlices(3), { rows: rows + 1, assembly }), { pool });
    const at = (slice: number, row: number, column: number) =>
      voxels[(slice * (rows + 1) + row) * columns + column];
    expect([0, 1, 2, 3, 4].map((row) => at(0, row, 2))).toEqual([2, 7, 12, 17, -1024]);
    expect([0, 1, 2, 3, 4].map((row) => at(1, row, 2))).toEqual([-1024, 102, 107, 112, 117]);
    // Halfway between rows, rounded up; the outermost half pixel keeps the edge's value.
    expect([0, 1, 2, 3, 4].map((row) => at(2, row, 2))).toEqual([202, 205, 210, 215, 217]);
  });

  it('fills with 0 outside where the modality is not CT', async () => {
    const assembly = { kind: 'reshear', shiftYMm: [0, 2], shiftXMm: [0, 0] } as const;
    const source = dicomSource(writeSlices(2, { modality: 'MR' }), { rows: rows + 2, assembly });
    const { voxels } = await loadVolume(source, { pool });
    expect([...voxels.subarray(4 * columns, 6 * columns)]).toEqual(Array(2 * columns).fill(0));
  });

  it('resamples slightly uneven slices onto the even grid', async () => {
    // The grid of the fixture is 1 mm apart.
    const positionsMm = [0, 0.9, 2.1, 3];
    const assembly = { kind: 'resample', positionsMm } as const;
    const { voxels } = await loadVolume(dicomSource(writeSlices(4), { assembly }), { pool });
    const along = [0, 1, 2, 3].map((slice) => voxels[slice * pixels]);
    // 1 mm lies 1/12 of the way from 0.9 to 2.1, 2 mm 11/12: 108.3 and 191.7, rounded.
    expect(along).toEqual([0, 108, 192, 300]);
  });

  it('names the file that is missing, cut, no image, or of another size', async () => {
    const [first, second, third] = writeSlices(3) as [string, string, string];
    const source = dicomSource([first, second, third]);
    writeFileSync(third, makeDicom({ rows, columns }, 'explicit', new Uint8Array(2 * pixels - 2)));
    expect(await failure(source)).toEqual({
      code: 'input-refused',
      path: third,
      detail: 'the pixel data are cut short: 38 bytes of 40 are there',
    });
    writeFileSync(third, makeDicom({ rows: 2, columns: 10 }, 'explicit', new Uint8Array(2 * pixels)));
    expect(await failure(source)).toMatchObject({
      path: third,
      detail: '10 × 2 pixels in a series of 5 × 4',
    });
    writeFileSync(third, 'text');
    expect(await failure(source)).toMatchObject({ path: third, detail: 'not a DICOM file' });
    const gone = join(tempDir(), 'gone');
    const frames = source.volume.frames.map((ref) => ({ ...ref, file: gone }));
    expect(await failure({ ...source, volume: { ...source.volume, frames } })).toEqual({
      code: 'input-unreadable',
      path: gone,
      detail: 'ENOENT',
    });
  });

  it('refuses a volume larger than memory before allocating it', async () => {
    const source = dicomSource(writeSlices(1), { rows: 2 ** 20, columns: 2 ** 20 });
    expect(await failure(source)).toMatchObject({
      code: 'input-refused',
      path: source.volume.frames[0]!.file,
    });
  });

  it('refuses what the geometry gate refused, and a rescale that gives no values', async () => {
    const source = dicomSource(writeSlices(3));
    const numbers = { longestMm: 4, spacingMm: 2, missing: 1 };
    const verdict = { outcome: 'refused', findings: [{ code: 'gap', numbers }] } as const;
    expect(await failure({ ...source, volume: { ...source.volume, verdict } })).toEqual({
      code: 'geometry-refused',
      series: 'test',
      findings: describeVerdict(verdict),
      verdict,
    });
    // 1e36 is a float32, and so is 1e36 · 100, but not 1e36 · 65535.
    for (const slope of [0, NaN, 1e36]) {
      expect(await failure(dicomSource(writeSlices(1), { slope }))).toMatchObject({ code: 'input-refused' });
    }
    expect(await failure(dicomSource(writeSlices(1), { intercept: NaN }))).toMatchObject({
      code: 'input-refused',
    });
  });

  it('stops when cancelled, before and in the middle', async () => {
    const source = dicomSource(writeSlices(40));
    expect(await failure(source, AbortSignal.abort())).toEqual({ code: 'cancelled' });
    const abort = new AbortController();
    let last = 0;
    const loading = loadVolume(source, {
      pool,
      signal: abort.signal,
      onProgress: (done) => {
        last = done;
        abort.abort();
      },
    });
    await expect(loading).rejects.toMatchObject({ error: { code: 'cancelled' } });
    expect(last).toBeLessThan(40);
    // The pool goes on.
    expect((await loadVolume(source, { pool })).voxels).toHaveLength(40 * pixels);
  });
});

describe('loadVolume, NIfTI', () => {
  const grid = {
    shapeZyx: [2, 3, 4],
    spacingZyxMm: [2, 1.5, 1],
    originLps: [-10, 20, 30],
    directionsZyx: [
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
    ],
  } as const;
  const write = (voxels: Voxels, name = 'image.nii.gz', change = (bytes: Uint8Array) => bytes) => {
    const bytes = concat(writeNifti(voxels, grid, 'test'));
    const path = join(tempDir(), name);
    writeFileSync(path, change(name.endsWith('.gz') ? gzipSync(bytes) : bytes));
    return path;
  };
  const load = async (path: string) => loadVolume({ kind: 'nifti', path }, { pool });

  it.each<[string, Voxels, unknown]>([
    ['int16', Int16Array.from({ length: 24 }, (_, at) => at * 100 - 1024), Int16Array],
    ['uint8', Uint8Array.from({ length: 24 }, (_, at) => at * 10), Int16Array],
    ['uint16', Uint16Array.from({ length: 24 }, (_, at) => at * 2700), Uint16Array],
    ['int32 within 16 bits', Int32Array.from({ length: 24 }, (_, at) => at * 100 - 1024), Int16Array],
    ['int32 beyond', Int32Array.from({ length: 24 }, (_, at) => at * 100000), Float32Array],
    ['float32', Float32Array.from({ length: 24 }, (_, at) => at / 4), Float32Array],
  ])('reads %s into shared voxels, gzip or not', async (_, voxels, type) => {
    for (const name of ['image.nii', 'image.nii.gz']) {
      const volume = await load(write(voxels, name));
      expect(volume.voxels).toBeInstanceOf(type);
      expect(volume.voxels.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect([...volume.voxels]).toEqual([...voxels]);
      expect(volume.grid).toEqual(grid);
    }
  });

  it.each<[string, Voxels]>([
    ['float32', Float32Array.from({ length: 24 }, (_, at) => [NaN, Infinity, -Infinity][at] ?? at)],
    ['float64', Float64Array.from({ length: 24 }, (_, at) => [NaN, 1e300, -1e39][at] ?? at)],
  ])('refuses %s voxels that are not finite, and says how many', async (_, voxels) => {
    const path = write(voxels);
    expect(await failure({ kind: 'nifti', path })).toEqual({
      code: 'input-refused',
      path,
      detail: expect.stringMatching(/^3 of its 24 voxels are not finite/),
    });
  });

  it('refuses, by name, what is cut at any tenth, is no gzip, or is no NIfTI file', async () => {
    const voxels = new Int16Array(24);
    for (let tenth = 0; tenth < 10; tenth++) {
      const path = write(voxels, 'cut.nii.gz', (bytes) => bytes.subarray(0, (bytes.length * tenth) / 10));
      expect(await failure({ kind: 'nifti', path }), `${tenth} tenths`).toMatchObject({
        code: 'input-refused',
        path,
      });
    }
    const text = write(voxels, 'text.nii.gz', () => new TextEncoder().encode('not an image'));
    expect(await failure({ kind: 'nifti', path: text })).toMatchObject({ code: 'input-refused', path: text });
    const zeros = write(voxels, 'zeros.nii.gz', () => gzipSync(new Uint8Array(1 << 22)));
    expect(await failure({ kind: 'nifti', path: zeros })).toMatchObject({
      code: 'input-refused',
      path: zeros,
    });
    expect(await failure({ kind: 'nifti', path: '/nowhere/image.nii' })).toMatchObject({
      code: 'input-unreadable',
    });
  });

  it('inflates no more than the header promises, and refuses promises that it cannot keep', async () => {
    const voxels = Int16Array.from({ length: 24 }, (_, at) => at);
    const bytes = concat(writeNifti(voxels, grid, 'test'));
    // 256 MiB of zeros in 260 kB, which nobody asked for.
    const surplus = new Uint8Array(1 << 28);
    const bomb = write(voxels, 'bomb.nii.gz', () => gzipSync(concat([bytes, surplus])));
    const before = process.memoryUsage.rss();
    expect([...(await load(bomb)).voxels]).toEqual([...voxels]);
    // The whole of it would show: 256 MiB, twice.
    expect(process.memoryUsage.rss() - before).toBeLessThan(1 << 27);

    const claim = (size: number, maxBytes: number) => {
      const large = bytes.slice();
      for (const at of [42, 44, 46]) new DataView(large.buffer).setInt16(at, size, true);
      const path = write(voxels, `${size}.nii.gz`, () => gzipSync(large));
      return pool.run({ path, maxBytes }, { name: 'loadNifti' }) as Promise<unknown>;
    };
    expect(await claim(30_000, 2 ** 34)).toMatchObject({
      ok: false,
      error: { detail: expect.stringMatching(/GiB of memory/) },
    });
    expect(await claim(1000, 2 ** 34)).toMatchObject({
      ok: false,
      error: { detail: expect.stringMatching(/cut short/) },
    });
  });
});
