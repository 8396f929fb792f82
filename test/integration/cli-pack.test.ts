import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { expectPlainWords, expectRefusal } from '../fixtures/expect-refusal.ts';
import { bundledStudy, runThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const bundledModel = fileURLToPath(new URL('../../resources/models/ct-tissue', import.meta.url));

async function labelsOf(model: string, data: string): Promise<Buffer> {
  const options = ['--model', model, '--variant', 'df-0.5-cheaper', '--format', 'nifti', '--out', tempDir()];
  const report = await thinsliceJson(['segment', bundledStudy, ...options, '--data', data]);
  const [file] = report.files as { path: string }[];
  return Buffer.from(readNifti(gunzipSync(readFileSync(file.path))).volume.voxels.buffer);
}

it('one machine prepares, another one uses: the same labels, and each says where the model came from', async () => {
  const [here, there] = [tempDir(), tempDir()];
  const words = async (data: string, ...args: string[]) => {
    const ended = await runThinslice([...args, '--data', data]);
    expectPlainWords(ended);
    expect(ended.code, ended.stderr).toBe(0);
    return ended.stdout;
  };
  const { model } = await thinsliceJson(['models', 'import', bundledModel, '--data', here]);
  const { id, sha256 } = model as { id: string; sha256: string };
  await words(here, 'models', 'compress', id, '--df', '0.5', '--layers', 'cheaper');
  const keys = tempDir();
  const [, fingerprint = ''] =
    /(SHA256:\w+)/.exec(await words(here, 'models', 'make-key', '--out', keys)) ?? [];
  const [privateKey, publicKey] = ['private', 'public'].map((kind) => join(keys, `thinslice-${kind}.pem`));
  const file = join(tempDir(), 'ct tissue.thinslice');
  const packed = await words(here, 'models', 'pack', id, '--out', file, '--sign', privateKey);
  expect(packed).toContain(file);
  expect(packed).toContain(`Signed by ${fingerprint}`);

  const shown = await words(there, 'models', 'import', file);
  expect(shown).toContain(`signed by ${fingerprint}, not checked against a trusted key`);
  expect(shown).toContain(sha256);
  await words(there, 'models', 'import', file, '--trust', publicKey);
  const again = await words(there, 'models', 'show', id);
  expect(again).toContain(`signed by ${fingerprint}, a trusted key`);
  expect(await words(there, 'models', 'list')).toMatch(new RegExp(`${id} .* pack`));
  expect(await words(here, 'models', 'list')).toMatch(new RegExp(`${id} .* import`));

  const labels = await labelsOf(id, there);
  expect(new Set(labels).size).toBeGreaterThan(2);
  expect(labels.equals(await labelsOf(id, here))).toBe(true);
});

it('refuses in plain words what it cannot pack, sign or trust', async () => {
  const data = tempDir();
  const { model } = await thinsliceJson(['models', 'import', bundledModel, '--data', data]);
  const { id } = model as { id: string };
  const out = join(tempDir(), 'x.thinslice');
  const gone = join(tempDir(), 'gone.pem');
  const pack = ['models', 'pack', id, '--out', out];
  await expectRefusal(['models', 'pack', 'nobody', '--out', out], data, { code: 4, says: ['nobody'] });
  await expectRefusal([...pack, '--variant', 'df-0.1'], data, { code: 4, says: [`${id}/df-0.1`] });
  await expectRefusal([...pack, '--sign', gone], data, { code: 3, says: [gone, /no such file/] });
  await expectRefusal([...pack, '--sign', join(bundledStudy, 'slice-01.dcm')], data, {
    code: 3,
    says: [/no Ed25519 private key|too long/],
  });
  await thinsliceJson([...pack, '--data', data]);
  await expectRefusal(['models', 'import', out, '--trust', gone], data, { code: 3, says: [gone] });
  const keys = tempDir();
  await thinsliceJson(['models', 'make-key', '--out', keys, '--data', data]);
  const trust = ['--trust', join(keys, 'thinslice-public.pem')];
  await expectRefusal(['models', 'import', out, ...trust], data, { code: 4, says: [out, /not signed/] });
  await expectRefusal(['models', 'make-key', '--out', keys], data, { code: 6, says: [/a key already/] });
});
