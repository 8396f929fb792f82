import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { dicomBytes, fieldClaiming } from '../fixtures/dicom-bytes.ts';
import { sliceFields, without } from '../fixtures/slice-fields.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { writeSeries } from '../fixtures/write-study.ts';
import { ask } from './ask.ts';
import { describeApp, launchApp } from './launch-app.ts';

const attack = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

/** An equals sign would begin another way to write a name (PS3.5 6.2.1.2). */
const attackingName = '<script>document.title+1</script><iframe></iframe><b>Name</b>';

/** A text value in UTF-8. */
const utf8 = (text: string) => new TextEncoder().encode(text);

describeApp('hostile input', () => {
  test('HTML, code, templates and keys in the names of a study are shown as text', async () => {
    const folder = tempDir();
    writeSeries(folder, {
      slices: 5,
      fields: {
        '00080005': ['CS', 'ISO_IR 192'],
        '00100010': ['PN', utf8(attackingName)],
        '00100020': ['LO', utf8(`{{count}} $t(app.name) \${1+1} {1+1}`)],
        '00081030': ['LO', utf8(`a\u0000b\u0007c\u202eesrever\u202c`)],
        '0008103e': ['LO', utf8(`${attack}$t(studies.title)`)],
        '00100040': ['CS', '<b>X</b>'],
        '00100030': ['DA', '99999999'],
      },
    });
    const { page, complaints } = await launchApp({ args: [folder] });
    await page.getByRole('heading', { level: 2, name: attackingName }).waitFor();
    await page.getByRole('heading', { level: 3, name: `${attack}$t(studies.title)` }).waitFor();
    await page.getByText(`{{count}} $t(app.name) \${1+1} {1+1}`, { exact: true }).first().waitFor();
    await page.getByText('ab cesrever', { exact: true }).first().waitFor();
    await page.getByText('<b>X</b>').waitFor();
    await page.getByText('99999999').waitFor();
    await page.getByRole('button', { name: `Open ${attack}$t(studies.title)` }).waitFor();
    expect(await page.locator('main script, main b, main iframe, main img[src="x"]').count()).toBe(0);
    expect(await page.title()).not.toContain('owned');
    expect(complaints).toEqual([]);
  });

  test('names without end or from right to left leave the page as wide as it is', async () => {
    const folder = tempDir();
    const long = 'M'.repeat(60_000);
    writeSeries(folder, {
      slices: 5,
      fields: { '00100010': ['PN', long], '0008103e': ['LO', long], '00081030': ['LO', long] },
    });
    writeSeries(folder, {
      slices: 5,
      number: 2,
      fields: {
        '0020000d': ['UI', '1.2.3.7.2'],
        '00080005': ['CS', 'ISO_IR 192'],
        '00100010': ['PN', utf8('כהן^דוד')],
        '0008103e': ['LO', utf8('بطن ١٢٣ abc')],
      },
    });
    const { page } = await launchApp({ args: [folder] });
    await page.getByRole('heading', { level: 2, name: 'כהן, דוד' }).waitFor();
    const name = await page.getByRole('heading', { level: 2, name: /^M+…$/ }).innerText();
    expect(name.length).toBeLessThan(300);
    const [content, seen] = await page
      .locator('main')
      .evaluate((main) => [main.scrollWidth, main.clientWidth] as const);
    expect(content).toBe(seen);
  });

  test('a header that claims 2 GB is listed as not used, and the rest is opened', async () => {
    const folder = tempDir();
    writeSeries(folder, { slices: 5 });
    const claim = fieldClaiming('00204000', 'UT', 0x7fffffff);
    const fields = without(sliceFields(9), '7fe00010', '0020000e');
    writeFileSync(join(folder, 'claim.dcm'), dicomBytes(fields, { tail: claim }));
    // A plane of 65,535 × 65,535 pixels that its file does not hold.
    const vast = sliceFields(50, {
      '0020000e': ['UI', '1.2.3.8.9'],
      '00280010': ['US', 65_535],
      '00280011': ['US', 65_535],
    });
    writeFileSync(join(folder, 'vast.dcm'), dicomBytes(vast));
    const { page } = await launchApp({ args: [folder] });
    await page.getByRole('img', { name: /^Middle slice/ }).waitFor();
    await page.getByText('2 files were not used').click();
    await page.getByText('claim.dcm').waitFor();
    await page.getByText('vast.dcm').waitFor();
  });

  test('paths that climb, and ranges that lie, get nothing', async () => {
    const folder = tempDir();
    writeSeries(folder, { slices: 5 });
    const { page } = await launchApp({ args: [folder] });
    await page.locator('[data-volume]').waitFor();
    const volume = '/voxels/1.2.3.1/1.2.3.8.1?type=int16';
    // 5 planes of 24 bytes.
    expect(await statusOf(page, volume, 'bytes=24-47')).toBe(206);
    for (const [path, range, status] of [
      [volume, 'bytes=1-24', 416],
      [volume, 'bytes=120-', 416],
      [volume, 'bytes=48-24', 416],
      [volume, 'bytes=0-99999999999999', 206],
      ['/voxels/1.2.3.1/1.2.3.8.1?type=evil', 'bytes=0-23', 400],
      ['/voxels/1.2.3.1/none?type=int16', 'bytes=0-23', 404],
      ['/voxels/%2e%2e%2f%2e%2e/x?type=int16', 'bytes=0-23', 400],
      ['/..%2f..%2fpackage.json', null, 400],
      ['/../../../../etc/passwd', null, 404],
      ['/assets/..%5c..%5capp.cjs', null, 400],
      ['/labels/..%2fx', null, 400],
      ['/%', null, 400],
    ] as const) {
      expect([path, range, await statusOf(page, path, range)]).toEqual([path, range, status]);
    }
    // Nothing of it has ended the process, or kept it.
    expect((await ask(page, 'studies.recent', undefined)).length).toBe(1);
  });

  test('messages of a wrong shape are refused one by one', async () => {
    const { page } = await launchApp();
    const long = 'x'.repeat(10_000);
    for (const [channel, args] of [
      ['studies.scan', null],
      ['studies.scan', ''],
      ['studies.scan', long],
      ['studies.scan', { toString: 'x' }],
      ['studies.forget', 7],
      ['studies.recent', { all: true }],
      ['volumes.open', { studyUid: 7, volumeId: [] }],
      ['volumes.open', { studyUid: long, volumeId: 'x' }],
      ['app.choosePath', 'any-file'],
      ['app.copyText', ['x']],
      ['results.get', ''],
      ['settings.change', { theme: 'pink' }],
      ['settings.change', { windowState: {} }],
    ] satisfies [string, unknown][]) {
      const reply = await page.evaluate(
        ([channel, args]: readonly [string, string]) =>
          (globalThis as unknown as { api: { invoke: (...args: unknown[]) => Promise<unknown> } }).api.invoke(
            channel,
            args,
          ),
        // Whatever it is: nothing but strings would be checked by the compiler.
        [channel, args as string] as const,
      );
      expect([channel, reply]).toMatchObject([channel, { ok: false, error: { code: 'usage' } }]);
    }
    await ask(page, 'settings.get', undefined);
  });
});

/** The status of what the private scheme answers; `range` goes with the request where it is one. */
function statusOf(page: Page, path: string, range: string | null): Promise<number> {
  return page.evaluate(
    async ([path, range]) => (await fetch(path, range === null ? {} : { headers: { Range: range } })).status,
    [path, range] as const,
  );
}
