import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { manifestOf, thresholdOnnx, writeModelFolder } from '../fixtures/cli-inputs.ts';
import { dumpDatabase } from '../fixtures/dump-database.ts';
import { expectPlainWords, expectRefusal } from '../fixtures/expect-refusal.ts';
import { runThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { describeShared, sharedData } from '../shared-data.ts';

const robust = join(sharedData, 'robust');

async function ready(): Promise<{ readonly data: string; readonly model: string }> {
  const data = tempDir();
  const folder = writeModelFolder(
    join(tempDir(), 'm'),
    thresholdOnnx([1], 0),
    manifestOf([{ name: 'any' }], { spacingMm: [5, 5, 5] }),
  );
  const { model } = await thinsliceJson(['models', 'import', folder, '--data', data]);
  return { data, model: (model as { id: string }).id };
}

/** Each file of the folders by itself. */
const filesIn = (...folders: readonly string[]) =>
  folders.flatMap((folder) =>
    readdirSync(join(robust, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(robust, folder, name)),
  );

describeShared('series and files that are not a plain volume (shared data)', () => {
  it.each([
    ['missing-slices-ge-ct', /gaps of up to 10 mm between slices that lie 5 mm apart; 1 slice is missing/],
    ['not-a-volume-siemens-ct', /all 4 slices at one position/],
    ['slice-count-mr', /2 slices; at least 3 are needed/],
  ])('refuses %s', async (name, says) => {
    const { data, model } = await ready();
    const path = join(robust, 'series-bad', name);
    await expectRefusal(['segment', path, '--model', model], data, { code: 3, says: [path, says] });
  });

  it('shears back a tilted series, and says so with the result', async () => {
    const { data, model } = await ready();
    const path = join(robust, 'series-bad/gantry-tilt-siemens-ct');
    const report = await thinsliceJson(['segment', path, '--model', model, '--data', data]);
    expect(report).toMatchObject({
      geometry: { outcome: 'corrected', description: expect.stringMatching(/gantry tilt of 14°/) },
    });
    const { results } = await thinsliceJson(['results', 'list', '--data', data]);
    expect(results).toMatchObject([{ geometry: { outcome: 'corrected' } }]);
  });

  it('segments what is a volume: any encoding, multi-file media, source images beside a SEG', async () => {
    const { data, model } = await ready();
    for (const name of [
      'codecs/mr-4slice/jpeg',
      'codecs/mr-4slice/rle',
      'odd-files/dicomdir',
      'odd-files/seg',
    ]) {
      const report = await thinsliceJson(['segment', join(robust, name), '--model', model, '--data', data]);
      expect(report, name).toMatchObject({ geometry: { outcome: 'ok' } });
    }
  });

  it('refuses every single file in plain words, one after another, and stays usable', async () => {
    const { data, model } = await ready();
    const before = dumpDatabase(data);
    const paths = filesIn('codecs/ctimage', 'odd-files/single', 'odd-files/enhanced', 'odd-files/seg');
    expect(paths.length).toBeGreaterThan(40);
    for (const path of paths) {
      const run = await runThinslice(['segment', path, '--model', model, '--data', data]);
      expectPlainWords(run);
      expect(run.code, `${path}\n${run.stderr}`).toBe(3);
      expect(run.stderr).toContain(path);
    }
    expect(dumpDatabase(data)).toEqual(before);
    const { jobs } = await thinsliceJson(['jobs', 'list', '--data', data]);
    expect(jobs).toEqual([]);
  });
});
