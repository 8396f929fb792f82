import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLabels } from '../../../main/services/find-labels.ts';
import type { Image } from '../../../main/services/gather-images.ts';
import { dicomBytes, type Fields } from '../../fixtures/dicom-bytes.ts';
import { tempDir } from '../../fixtures/temp-dir.ts';

const nifti = (path: string): Image => ({
  key: path,
  name: path,
  input: { path, origin: { kind: 'nifti' }, channels: [{ kind: 'nifti', path }] },
});

function folderOf(...files: readonly string[]): string {
  const folder = tempDir();
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), 'x');
  }
  return folder;
}

test('a label map is named as its image, compressed or not, in a subfolder or not, without the number of a channel', async () => {
  const folder = folderOf('a.nii', 'deep/b.nii.gz', 'case_7.nii.gz', 'other.nii', 'a.txt');
  const images = [nifti('/images/a.nii.gz'), nifti('/images/b.nii.gz'), nifti('/images/case_7_0000.nii.gz')];
  expect([...(await findLabels(folder, images))]).toEqual([
    ['/images/a.nii.gz', join(folder, 'a.nii')],
    ['/images/b.nii.gz', join(folder, 'deep/b.nii.gz')],
    ['/images/case_7_0000.nii.gz', join(folder, 'case_7.nii.gz')],
  ]);
});

test('two images do not share a label map', async () => {
  const folder = folderOf('case.nii.gz');
  const images = [nifti('/images/case_0000.nii.gz'), nifti('/images/case_0001.nii.gz')];
  await expect(findLabels(folder, images)).rejects.toMatchObject({
    error: { code: 'usage', detail: expect.stringMatching(/case_0001.* same label map as another image/) },
  });
});

test('of DICOM it is named as the folder of the study or as the volume', async () => {
  const folder = folderOf('study.nii.gz', '1.2.3.nii');
  const image = (path: string, id: string): Image =>
    ({
      key: id,
      name: id,
      input: {
        path,
        origin: { kind: 'dicom', study: {}, series: {} },
        channels: [{ kind: 'dicom', volume: { id } }],
      },
    }) as unknown as Image;
  const found = await findLabels(folder, [image('/images/study', '1.2.1'), image('/images/other', '1.2.3')]);
  expect([...found.values()]).toEqual([join(folder, 'study.nii.gz'), join(folder, '1.2.3.nii')]);
});

test('an image is not its own label map', async () => {
  const folder = folderOf('a.nii', 'labels/a.nii.gz');
  const image = nifti(join(folder, 'a.nii'));
  expect((await findLabels(folder, [image])).get(image.key)).toBe(join(folder, 'labels/a.nii.gz'));
});

test('images without a label map are named, all of them, and so are two label maps of one', async () => {
  const folder = folderOf('a.nii');
  const lacking = findLabels(folder, [nifti('/x/a.nii'), nifti('/x/b.nii'), nifti('/x/c_0000.nii')]);
  await expect(lacking).rejects.toMatchObject({
    error: {
      code: 'usage',
      detail: expect.stringMatching(/b\.nii \(b\.nii\.gz\), .*c_0000\.nii \(c\.nii\.gz\)/),
    },
  });
  const two = folderOf('a.nii', 'second/a.nii.gz');
  await expect(findLabels(two, [nifti('/x/a.nii')])).rejects.toMatchObject({
    error: { code: 'usage', detail: expect.stringMatching(/several label maps/) },
  });
  await expect(findLabels(join(folder, 'none'), [nifti('/x/a.nii')])).rejects.toMatchObject({
    error: { code: 'input-unreadable', detail: 'ENOENT' },
  });
});

test('a DICOM SEG belongs to the series that it names, or to its study where it names none', async () => {
  const dicom = (study: string, series: string): Image => {
    const origin = {
      kind: 'dicom',
      study: { studyInstanceUid: study },
      series: { seriesInstanceUid: series },
    };
    return { key: series, name: series, input: { path: '/study', origin, channels: [] } } as unknown as Image;
  };
  const folder = tempDir();
  const seg = (name: string, study: string, series: readonly string[]): string => {
    const each = series.map((uid): Fields => ({ '0020000e': ['UI', uid] }));
    const referenced: Fields = each.length > 0 ? { '00081115': ['SQ', each] } : {};
    writeFileSync(
      join(folder, name),
      dicomBytes({ '00080060': ['CS', 'SEG'], '0020000d': ['UI', study], ...referenced }),
    );
    return join(folder, name);
  };
  const first = seg('a.dcm', '1.2.1', ['1.2.1.5']);
  const second = seg('no-name', '1.2.2', []);
  const found = await findLabels(folder, [dicom('1.2.1', '1.2.1.5'), dicom('1.2.2', '1.2.2.7')]);
  expect([...found.values()]).toEqual([first, second]);
  await expect(findLabels(folder, [dicom('1.2.1', '1.2.1.6')])).rejects.toMatchObject({
    error: { code: 'usage', detail: expect.stringMatching(/or a DICOM SEG of its series/) },
  });
});
