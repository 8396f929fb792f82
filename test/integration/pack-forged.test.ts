import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unzipSync, zipSync, type Zippable } from 'fflate';
import { makeFloatTensor, makeModel, makeNode, makeValueInfo } from '../../main/core/onnx/build-graph.ts';
import { writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import {
  encodeManifest,
  networkFile,
  readPackManifest,
  type PackManifest,
} from '../../main/core/pack/pack-manifest.ts';
import { sha256Hex } from '../../main/services/blob-store.ts';
import { makeKeyPair } from '../../main/services/pack-keys.ts';
import {
  packRefusal,
  signedPack,
  sealZip,
  makePlace,
  regionsOf,
  sealAgain,
  writeBytes,
  writeEntries,
} from '../fixtures/pack-case.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { tinyNetworkOnnx } from '../fixtures/tiny-network.ts';

type Parts = { manifest: PackManifest; networks: Map<string, Uint8Array> };

/** An unsigned pack, its manifest and networks changed by somebody who knows the format. */
async function forged(change: (parts: Parts) => void): Promise<string> {
  const { file } = await signedPack();
  const { 'manifest.json': bytes, 'signature.json': _, ...networks } = unzipSync(readFileSync(file));
  const parts = {
    manifest: structuredClone(readPackManifest(bytes)),
    networks: new Map(Object.entries(networks)),
  };
  change(parts);
  return writeEntries([['manifest.json', encodeManifest(parts.manifest)], ...parts.networks]);
}

/** Gives the first variant (df-0.5) another network, under its right hash. */
function replaceNetwork({ manifest, networks }: Parts, network: Uint8Array): void {
  const [variant] = manifest.variants;
  const [old] = variant.networks;
  networks.delete(old.file);
  const sha256 = sha256Hex(network);
  variant.networks = [{ fold: 0, file: networkFile(sha256), sha256, bytes: network.length }];
  networks.set(networkFile(sha256), network);
}

const unknownOperator = () => {
  const image = ['d0', 'd1', 'd2'];
  return writeOnnx(
    makeModel({
      name: 'odd',
      nodes: [makeNode('Frobnicate', ['image', 'w'], ['logits'])],
      initializers: [makeFloatTensor('w', [2, 1, 1, 1, 1], new Float32Array(2))],
      inputs: [makeValueInfo('image', [1, 1, ...image])],
      outputs: [makeValueInfo('logits', [1, 2, ...image])],
    }),
  );
};

describe('packs that were made to deceive', () => {
  it.each<[string, RegExp, (parts: Parts) => void]>([
    [
      'an operator that nobody knows',
      /variant df-0\.5.*Frobnicate/,
      (parts) => replaceNetwork(parts, unknownOperator()),
    ],
    [
      'a network that is none',
      /variant df-0\.5/,
      (parts) => replaceNetwork(parts, new TextEncoder().encode('this is not protobuf')),
    ],
    [
      'a network of other channels',
      /variant df-0\.5.*input/,
      (parts) => replaceNetwork(parts, tinyNetworkOnnx({ channels: 2, classes: 2 })),
    ],
    [
      'a network of other classes',
      /variant df-0\.5.*output/,
      (parts) => replaceNetwork(parts, tinyNetworkOnnx({ classes: 3 })),
    ],
    [
      'a variant of another model',
      /variant df-0\.5 is a variant of another model/,
      ({ manifest }) => (manifest.variants[0].model = '0'.repeat(64)),
    ],
    [
      'other weights under the identity of a model',
      /it is another model/,
      ({ manifest }) => {
        const [variant, full] = manifest.variants;
        [variant.networks, full.networks] = [full.networks, variant.networks];
      },
    ],
    [
      'another recipe under the identity of a model',
      /it is another model/,
      ({ manifest }) => (manifest.model.recipe.spacingMm = [3, 2, 2]),
    ],
    [
      'a claim of 2 GB',
      /is 2147483647|not 2147483647/,
      ({ manifest }) => (manifest.variants[0].networks[0].bytes = 2 ** 31 - 1),
    ],
    [
      'a network missing',
      /is missing/,
      ({ manifest, networks }) => networks.delete(manifest.variants[0].networks[0].file),
    ],
    [
      'a network that nothing names',
      /which its manifest does not name/,
      ({ networks }) => networks.set(networkFile('0'.repeat(64)), Uint8Array.of(1)),
    ],
    [
      'a file besides',
      /readme\.txt is in it/,
      ({ networks }) => networks.set('readme.txt', Uint8Array.of(1)),
    ],
  ])('refuses %s', async (_what, words, change) => {
    expect(await packRefusal(makePlace(), await forged(change))).toMatch(words);
  });

  it('refuses what was signed and changed since, and a signature of another key', async () => {
    const { file, publicKey } = await signedPack();
    const entries = unzipSync(readFileSync(file));
    const place = makePlace();
    const packed = (change: Partial<Record<string, Uint8Array>>) =>
      writeEntries(Object.entries({ ...entries, ...change }) as [string, Uint8Array][]);
    const edit = (name: string, from: string | RegExp, to: string) => ({
      [name]: Buffer.from(Buffer.from(entries[name]).toString().replace(from, to)),
    });
    const changed = await packed(edit('manifest.json', 'made by a test', 'public domain!'));
    expect(await packRefusal(place, changed)).toMatch(/changed after it was signed/);
    const { publicKey: otherKey } = makeKeyPair(tempDir());
    const raw = readFileSync(otherKey, 'utf8').split('\n')[1].slice(-44);
    expect(Buffer.from(raw, 'base64')).toHaveLength(33 - 1);
    const swapped = await packed(edit('signature.json', /"publicKey": "[^"]*"/, `"publicKey": "${raw}"`));
    expect(await packRefusal(place, swapped)).toMatch(/does not name the key/);
    const { 'signature.json': _, ...unsigned } = entries;
    expect(await packRefusal(place, await writeEntries(Object.entries(unsigned)), [publicKey])).toMatch(
      /not signed/,
    );
  });

  it('is the zip that is refused: bombs, names outside, two of a name, sizes beyond the file', async () => {
    const { file } = await signedPack();
    const { 'manifest.json': manifest, 'signature.json': _, ...networks } = unzipSync(readFileSync(file));
    const [network] = Object.keys(networks);
    const place = makePlace();
    const zipped = (files: Zippable) =>
      sealZip(zipSync({ 'manifest.json': manifest, ...files }, { level: 0 }));
    const why = (bytes: Buffer) => packRefusal(place, writeBytes(bytes));

    const bomb = new Uint8Array(64 * 2 ** 20);
    expect(await why(zipped({ ...networks, [network]: [bomb, { level: 9 }] }))).toMatch(/is compressed/);
    for (const name of ['../../escaped', '/escaped', 'networks/../../escaped', 'a\\..\\escaped'])
      expect(await why(zipped({ ...networks, [name]: Uint8Array.of(1) }))).toMatch(/name|path/i);
    for (const outside of [join(file, '../escaped'), join(file, '../../escaped'), '/escaped'])
      expect(existsSync(outside)).toBe(false);

    const twin = network.replace(/^networks/, 'networkz');
    const twins = zipped({ ...networks, [twin]: networks[network] })
      .toString('latin1')
      .replaceAll(twin, network);
    expect(await why(sealAgain(Buffer.from(twins, 'latin1')))).toMatch(/twice/);

    const late = sealZip(zipSync({ ...networks, 'manifest.json': manifest }, { level: 0 }));
    expect(await why(late)).toMatch(/first entry/);

    const { bytes, regions } = regionsOf(file);
    const directory = regions.find(({ name }) => name === 'central directory')?.start ?? 0;
    for (const size of [0xfffffff0, 0x7fffffff, bytes.length]) {
      const claim = Buffer.from(bytes);
      claim.writeUInt32LE(size, directory + 20);
      claim.writeUInt32LE(size, directory + 24);
      expect(await why(sealAgain(claim))).toMatch(/too much|zip file|not JSON/);
    }
    const crowded = Buffer.from(bytes);
    crowded.writeUInt16LE(0xfffe, crowded.length - 71 - 12);
    expect(await why(sealAgain(crowded))).toMatch(/entries/);
  });

  it('lets no two entries share their bytes', async () => {
    const { file } = await signedPack();
    const { bytes, regions } = regionsOf(file);
    const directory = regions.find(({ name }) => name === 'central directory')?.start ?? 0;
    const second = bytes.indexOf(Buffer.from('PK\x01\x02', 'latin1'), directory + 4);
    const shared = Buffer.from(bytes);
    // signature.json is said to lie where manifest.json does.
    shared.writeUInt32LE(0, second + 42);
    expect(await packRefusal(makePlace(), writeBytes(sealAgain(shared)))).toMatch(/signature\.json|overlap/);
  });
});
