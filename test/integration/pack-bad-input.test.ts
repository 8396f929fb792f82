import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { asDatabaseFailure, openDatabase } from '../../main/db/database.ts';
import { getModel, importModel, removeModel } from '../../main/services/models.ts';
import { makeKeyPair } from '../../main/services/pack-keys.ts';
import { writePack } from '../../main/services/pack-write.ts';
import {
  packRefusal,
  signedPack,
  failureOf,
  makeLadder,
  makePlace,
  regionsOf,
  sealAgain,
  tinyModelFolder,
  writeBytes,
  type Place,
} from '../fixtures/pack-case.ts';
import { canMount, mountSmall } from '../fixtures/small-disk.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const bundledModel = fileURLToPath(new URL('../../resources/models/ct-tissue', import.meta.url));

/** All that an import stores and that does not depend on when, or from where. */
function storedModel(place: Place, id: string): unknown {
  const { importedAt: _, packs: __, source: ___, ...model } = getModel(place.db, id);
  const read = (sql: string) => place.db.prepare(sql).all();
  return {
    model,
    networks: read(`SELECT * FROM variant_networks ORDER BY variant_id`),
    blobs: read(`SELECT * FROM blobs ORDER BY sha256`),
    evaluations: read(
      `SELECT variant_id, image, image_name, reference, calibrated, created_at FROM evaluations`,
    ),
    labels: read(`SELECT value, reference_voxels, dice, hd95_mm FROM evaluation_labels`),
  };
}

/** Positions over a region: its first and last bytes, and some between. */
function positions(start: number, end: number, count: number): number[] {
  const step = Math.max(1, Math.floor((end - start) / count));
  const between = Array.from({ length: Math.ceil((end - start) / step) }, (_, i) => start + i * step);
  return [...new Set([...between, end - 1])];
}

describe('a pack with one byte changed', () => {
  it('is refused, wherever that byte is', async () => {
    const { file } = await signedPack();
    const { bytes, regions } = regionsOf(file);
    expect(regions.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['manifest.json', 'signature.json', 'central directory', 'end']),
    );
    const place = makePlace();
    await importModel(place, tinyModelFolder());
    for (const { start, end } of regions) {
      for (const at of positions(start, end, 24)) {
        const changed = Buffer.from(bytes);
        changed[at] ^= 1 << (at % 8);
        expect(await packRefusal(place, writeBytes(changed))).toMatch(/checksum/);
      }
    }
  });

  it('is refused, or the very same model, where the checksum was made right again', async () => {
    const { file, model, publicKey } = await signedPack();
    const { bytes, regions } = regionsOf(file);
    const place = makePlace();
    const trust = [publicKey];
    await importModel(place, file, { trust });
    const good = storedModel(place, model);
    removeModel(place, model);
    const reasons: string[] = [];
    for (const { name, start, end } of regions.filter((region) => region.name !== 'end')) {
      for (const at of positions(start, end, 40)) {
        const changed = Buffer.from(bytes);
        changed[at] ^= 1 << (at % 8);
        const path = writeBytes(sealAgain(changed));
        const outcome: unknown = await importModel(place, path, { trust }).catch(() => null);
        if (outcome === null) {
          reasons.push(await packRefusal(place, path, trust));
          continue;
        }
        // What no reader of zip files looks at: times, and the copy of the name before the data.
        expect(name).toMatch(/header|directory|signature/);
        expect(storedModel(place, model)).toEqual(good);
        removeModel(place, model);
      }
    }
    // Each line of defence was met.
    for (const words of [
      /JSON|valid at|as Thinslice writes/,
      /changed after it was signed/,
      /hash that is its name/,
    ])
      expect(
        reasons.some((reason) => words.test(reason)),
        String(words),
      ).toBe(true);
  });

  it.each([false, true])('is refused cut at any tenth (checksum made right again: %s)', async (again) => {
    const { file } = await signedPack();
    const bytes = readFileSync(file);
    const place = makePlace();
    for (let tenth = 0; tenth < 10; tenth++) {
      const cut = bytes.subarray(0, Math.floor((bytes.length * tenth) / 10));
      expect(await packRefusal(place, writeBytes(again ? sealAgain(cut) : cut))).toMatch(
        again ? /zip file|checksum/ : /not copied whole/,
      );
    }
  });
});

describe('what is not a pack', () => {
  it('is refused under the name of one; the same bytes under any name are a pack', async () => {
    const { file, model } = await signedPack();
    const place = makePlace();
    for (const bytes of [new Uint8Array(), new TextEncoder().encode('hello'), new Uint8Array(1000)])
      expect(await packRefusal(place, writeBytes(bytes))).toMatch(/not a pack/);
    for (const name of ['x.zip', 'x', 'x.THINSLICE', 'ü x.bin']) {
      const path = join(tempDir(), name);
      writeFileSync(path, readFileSync(file));
      expect(await importModel(place, path)).toMatchObject({ id: model });
    }
    expect(await failureOf(importModel(place, join(tempDir(), 'gone.thinslice')))).toMatchObject({
      code: 'model-refused',
      detail: 'ENOENT',
    });
  });

  it('leaves a model of the same id alone', async () => {
    const { file, model } = await signedPack();
    const place = makePlace();
    await importModel(place, tinyModelFolder({ name: 'Other' }));
    place.db.exec(`PRAGMA foreign_keys = OFF`);
    place.db.prepare(`UPDATE models SET id = ?`).run(model);
    expect(await packRefusal(place, file)).toMatch(/another model called/);
  });
});

describe('places that cannot be written to', () => {
  it('are named, and nothing half-written is left there', async () => {
    const here = makePlace();
    const { id } = await makeLadder(here);
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    const failed = (path: string) => failureOf(writePack(here, id, path));
    expect(await failed(join(file, 'x.thinslice'))).toMatchObject({
      code: 'output-failed',
      detail: /EEXIST|ENOTDIR/,
    });
    const folder = tempDir();
    expect(await failed(folder)).toMatchObject({ code: 'output-failed', path: folder });
    expect(readdirSync(folder)).toEqual([]);
    expect(here.db.prepare(`SELECT event FROM audit WHERE event = 'pack-written'`).all()).toEqual([]);
  });

  it.skipIf(!canMount)('are full or read-only disks, too', async () => {
    const here = makePlace();
    const { id } = await makeLadder(here);
    const full = mountSmall(4);
    const target = join(full, 'x.thinslice');
    expect(await failureOf(writePack(here, id, target))).toEqual({
      code: 'output-failed',
      path: target,
      detail: 'ENOSPC',
    });
    expect(readdirSync(full)).toEqual([]);
    const readOnly = mountSmall(4, 'ro');
    expect(await failureOf(writePack(here, id, join(readOnly, 'x.thinslice')))).toMatchObject({
      code: 'output-failed',
      detail: 'EROFS',
    });
    expect(() => makeKeyPair(readOnly)).toThrow(/output-failed/);
  });

  it.skipIf(!canMount)('are full disks under the database: nothing of a pack is stored', async () => {
    const here = makePlace();
    const { id } = await importModel(here, bundledModel);
    const file = join(tempDir(), 'x.thinslice');
    await writePack(here, id, file);
    // The schema fits, the bundled model does not.
    const db = openDatabase(mountSmall(512));
    try {
      const error = await importModel({ ...here, db }, file).catch((reason: unknown) => reason);
      expect(asDatabaseFailure(error, db.name)).toMatchObject({ error: { code: 'database-unusable' } });
      for (const table of ['models', 'model_variants', 'blobs', 'audit'])
        expect(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
    } finally {
      db.close();
    }
  });
});
