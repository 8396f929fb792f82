import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unzipSync } from 'fflate';
import type { PackManifest } from '../../main/core/pack/pack-manifest.ts';
import { listPackEvaluations } from '../../main/db/queries/pack-evaluations.ts';
import { deleteVariant, listNetworks } from '../../main/db/queries/models.ts';
import { getModel, importModel, loadNetworks, removeModel } from '../../main/services/models.ts';
import {
  makeKeyPair,
  privateKeyName,
  publicKeyName,
  readFingerprint,
  readPrivateKey,
} from '../../main/services/pack-keys.ts';
import { opaqueImage } from '../../main/services/opaque-image.ts';
import { writePack } from '../../main/services/pack-write.ts';
import { dumpDatabase } from '../fixtures/dump-database.ts';
import {
  failureOf,
  makeLadder,
  makePlace,
  packTime,
  patientImage,
  patientName,
  tinyModelFolder,
  addVariant,
} from '../fixtures/pack-case.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { tinyNetworkOnnx } from '../fixtures/tiny-network.ts';

const newFile = () => join(tempDir(), 'x.thinslice');

describe('a model that leaves as a pack', () => {
  it('enters elsewhere with the same ids, hashes, weights, recipes and fidelity', async () => {
    const here = makePlace();
    const { id } = await makeLadder(here);
    const file = newFile();
    const pack = await writePack(here, id, file, { createdAt: packTime });
    expect(pack).toMatchObject({ model: id, variants: ['df-0.3', 'df-0.5', 'full'], signedBy: null });
    expect(pack.sizeBytes).toBe(statSync(file).size);

    const there = makePlace();
    const arrived = await importModel(there, file);
    const original = getModel(here.db, id);
    const { importedAt: _, packs, source, ...same } = arrived;
    const { importedAt: __, packs: ___, source: ____, ...expected } = original;
    // Of the images of a patient only the hash of what they were called here.
    const opaque = JSON.stringify(expected).replaceAll(
      JSON.stringify(patientImage),
      JSON.stringify(opaqueImage(patientImage)),
    );
    expect(same).toEqual(JSON.parse(opaque));
    // The manifest of this model names no source; the path on the other machine did not travel.
    expect(source).toBe(file);
    expect(packs).toEqual([
      expect.objectContaining({
        path: file,
        packedAt: packTime,
        packedWith: '9.8.7',
        signedBy: null,
        trusted: false,
      }),
    ]);
    for (const [i, variant] of arrived.variants.entries()) {
      expect(listNetworks(there.db, variant.id)).toEqual(listNetworks(here.db, original.variants[i].id));
      expect(await loadNetworks(there.db, variant)).toEqual(
        await loadNetworks(here.db, original.variants[i]),
      );
    }
    const [evaluation] = listPackEvaluations(there.db, `${id}/df-0.5`);
    const [before] = listPackEvaluations(here.db, `${id}/df-0.5`);
    expect(evaluation).toEqual({ ...before, image: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
    expect(there.db.prepare(`SELECT event FROM audit`).pluck().all()).toEqual(['pack-imported']);
  });

  it('takes nothing of a patient along, nor paths of this machine, nor what devices measured', async () => {
    const here = makePlace();
    const { id, source } = await makeLadder(here);
    const file = newFile();
    await writePack(here, id, file);
    const text = readFileSync(file, 'latin1');
    expect(source).not.toBe('');
    for (const secret of [patientName, 'MUELLER', '1.2.3 of', 'reference.nii', source, here.data])
      expect(text).not.toContain(secret);
  });

  it('is the same bytes again: from the same database, and packed anew where it arrived', async () => {
    const [here, there] = [makePlace(), makePlace()];
    const { id } = await makeLadder(here);
    const [first, again, back] = [newFile(), newFile(), newFile()];
    await writePack(here, id, first, { createdAt: packTime });
    await writePack(here, id, again, { createdAt: packTime });
    await importModel(there, first);
    await writePack(there, id, back, { createdAt: packTime });
    expect(readFileSync(again).equals(readFileSync(first))).toBe(true);
    expect(readFileSync(back).equals(readFileSync(first))).toBe(true);
    await writePack(here, id, again, { createdAt: '2026-05-04T03:02:02.000Z' });
    expect(readFileSync(again).equals(readFileSync(first))).toBe(false);
  });

  it('is a zip that other programs open, the manifest first and each network once', async () => {
    const here = makePlace();
    const { id } = await makeLadder(here, [0.5]);
    const model = getModel(here.db, id);
    // A variant with the weights of another.
    addVariant(here, model, 0.4, tinyNetworkOnnx({ classes: 2, seed: 5 }));
    const file = newFile();
    await writePack(here, id, file);
    const entries = Object.entries(unzipSync(readFileSync(file)));
    const names = entries.map(([name]) => name);
    expect(names).toHaveLength(3);
    expect(names[0]).toBe('manifest.json');
    expect(names.slice(1)).toEqual(names.slice(1).toSorted());
    const manifest = JSON.parse(new TextDecoder().decode(entries[0][1])) as PackManifest;
    expect(manifest.variants.flatMap(({ networks }) => networks.map((network) => network.file))).toHaveLength(
      3,
    );
  });

  it('can take some variants along, the full one always; one that is not there is refused', async () => {
    const here = makePlace();
    const { id } = await makeLadder(here);
    const file = newFile();
    expect((await writePack(here, id, file, { variants: ['df-0.3'] })).variants).toEqual(['df-0.3', 'full']);
    expect(await failureOf(writePack(here, id, file, { variants: ['df-9'] }))).toMatchObject({
      code: 'model-not-found',
      model: `${id}/df-9`,
    });
  });

  it('is not written where a network is damaged or missing', async () => {
    const here = makePlace();
    const { id } = await makeLadder(here);
    const folder = tempDir();
    here.db.exec(`UPDATE blobs SET data = zeroblob(size_bytes)`);
    expect(await failureOf(writePack(here, id, join(folder, 'x.thinslice')))).toMatchObject({
      code: 'model-corrupt',
      model: id,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not left half-written when it is cancelled, and the pack that was there stays', async () => {
    const here = makePlace();
    const { id } = await makeLadder(here);
    const file = newFile();
    await writePack(here, id, file);
    const before = readFileSync(file);
    const signal = AbortSignal.abort();
    expect(await failureOf(writePack(here, id, file, { signal }))).toEqual({ code: 'cancelled' });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(join(file, '..'))).toEqual(['x.thinslice']);
  });
});

describe('an import that is cancelled', () => {
  it('stores nothing', async () => {
    const [here, there] = [makePlace(), makePlace()];
    const { id } = await makeLadder(here);
    const file = newFile();
    await writePack(here, id, file);
    const before = dumpDatabase(there.data);
    expect(await failureOf(importModel(there, file, { signal: AbortSignal.abort() }))).toEqual({
      code: 'cancelled',
    });
    expect(dumpDatabase(there.data)).toEqual(before);
  });
});

describe('a pack of a model that is there already', () => {
  it('adds the variants and evaluations that are missing, once', async () => {
    const [here, there] = [makePlace(), makePlace()];
    const { id } = await makeLadder(here);
    const file = newFile();
    await writePack(here, id, file);
    await importModel(there, tinyModelFolder());
    expect(getModel(there.db, id).variants).toHaveLength(1);
    for (let round = 0; round < 2; round++) {
      const { variants } = await importModel(there, file);
      expect(variants.map(({ name }) => name).toSorted()).toEqual(['df-0.3', 'df-0.5', 'full']);
      expect(there.db.prepare(`SELECT count(*) FROM evaluations`).pluck().get()).toBe(1);
    }
    expect(getModel(there.db, id).packs).toHaveLength(2);
    // Its own evaluations, which name the image in clear, are known again.
    await importModel(here, file);
    expect(here.db.prepare(`SELECT count(*) FROM evaluations`).pluck().get()).toBe(1);
  });

  it('is refused whole where a variant of that name has other weights', async () => {
    const [here, there] = [makePlace(), makePlace()];
    const { id } = await makeLadder(here);
    const file = newFile();
    await writePack(here, id, file);
    await makeLadder(there);
    deleteVariant(there.db, `${id}/df-0.3`);
    deleteVariant(there.db, `${id}/df-0.5`);
    addVariant(there, getModel(there.db, id), 0.5, tinyNetworkOnnx({ classes: 2, seed: 99 }));
    const before = getModel(there.db, id);
    expect(await failureOf(importModel(there, file))).toMatchObject({
      code: 'model-refused',
      detail: expect.stringContaining('variant df-0.5'),
    });
    expect(getModel(there.db, id)).toEqual(before);
  });

  it('is forgotten when the model is removed and imported again from elsewhere', async () => {
    const [here, there] = [makePlace(), makePlace()];
    const { id } = await makeLadder(here);
    const file = newFile();
    await writePack(here, id, file);
    await importModel(there, file);
    removeModel(there, id);
    const { packs } = await importModel(there, tinyModelFolder());
    expect(packs).toEqual([]);
  });
});

describe('signatures', () => {
  it('are checked against the keys that are trusted', async () => {
    const here = makePlace();
    const { id } = await makeLadder(here, []);
    const [keys, others] = [makeKeyPair(tempDir()), makeKeyPair(tempDir())];
    const [signed, unsigned] = [newFile(), newFile()];
    const written = await writePack(here, id, signed, { privateKey: readPrivateKey(keys.privateKey) });
    expect(written.signedBy).toBe(keys.fingerprint);
    expect(readFingerprint(keys.publicKey)).toBe(keys.fingerprint);
    await writePack(here, id, unsigned);

    const trusting = (file: string, ...trust: string[]) => importModel(makePlace(), file, { trust });
    expect((await trusting(signed, others.publicKey, keys.publicKey)).packs).toMatchObject([
      { signedBy: keys.fingerprint, trusted: true },
    ]);
    expect((await trusting(signed)).packs).toMatchObject([{ signedBy: keys.fingerprint, trusted: false }]);
    const refused = async (work: Promise<unknown>, words: RegExp) =>
      expect(await failureOf(work)).toMatchObject({
        code: 'model-refused',
        detail: expect.stringMatching(words),
      });
    await refused(trusting(signed, others.publicKey), /is not a trusted key/);
    await refused(trusting(unsigned, keys.publicKey), /not signed/);
    await refused(trusting(tinyModelFolder(), keys.publicKey), /not a pack/);
  });

  it('keep the private key to its owner and never overwrite one', () => {
    const folder = tempDir();
    const { privateKey } = makeKeyPair(folder);
    if (process.platform !== 'win32') expect(statSync(privateKey).mode & 0o777).toBe(0o600);
    const before = readFileSync(privateKey);
    expect(() => makeKeyPair(folder)).toThrow(/there is a key already/);
    expect(readFileSync(privateKey).equals(before)).toBe(true);
    expect(readdirSync(folder).toSorted()).toEqual([privateKeyName, publicKeyName]);
  });

  it('refuse what is no key, or the wrong half of one', () => {
    const { privateKey, publicKey } = makeKeyPair(tempDir());
    expect(() => readPrivateKey(publicKey)).toThrow(/no Ed25519 private key/);
    expect(() => readFingerprint(privateKey)).toThrow(/no Ed25519 public key/);
    expect(() => readPrivateKey(join(tempDir(), 'gone.pem'))).toThrow(/ENOENT/);
  });
});
