import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readNifti } from '../../main/core/nifti/read-nifti.ts';
import { readSeg } from '../../main/core/dicom/seg/read-seg.ts';
import { openDatabase } from '../../main/db/database.ts';
import { findResult, listMeasurements } from '../../main/db/queries/results.ts';
import { labelsRoute } from '../../main/ipc/labels-route.ts';
import type { Context } from '../../main/services/context.ts';
import { connectEngine } from '../../main/services/engine-client.ts';
import { forkEngine } from '../../main/services/fork-engine.ts';
import { heavyInThread } from '../../main/services/heavy-in-thread.ts';
import { resultSummaries, resultView } from '../../main/services/result-views.ts';
import { exportStoredResult, getResult, loadLabelmap } from '../../main/services/results.ts';
import { compareResults, reviewResult } from '../../main/services/reviews.ts';
import { createViewEngine } from '../../main/services/view-engine.ts';
import {
  axialGrid,
  manifestOf,
  sample,
  thresholdOnnx,
  writeModelFolder,
  writeSeries,
} from '../fixtures/cli-inputs.ts';
import { builtCli, runThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const grid = axialGrid([10, 24, 20], [2, 2, 2]);
const voxels = 10 * 24 * 20;

/** A stored result over a CT whose intensity is x in mm: above 15 mm there is label 1. */
async function makeResult() {
  const data = tempDir();
  const study = tempDir();
  writeSeries(study, { grid, voxels: sample(grid, ([x]) => x), number: 1, modality: 'CT' });
  const model = writeModelFolder(
    join(tempDir(), 'm'),
    thresholdOnnx([1], -15),
    manifestOf([{ name: 'any' }]),
  );
  const imported = await thinsliceJson(['models', 'import', model, '--data', data]);
  const { id } = imported['model'] as { id: string };
  const args = ['segment', study, '--data', data, '--model', id, '--out', tempDir(), '--format', 'json'];
  const { result } = await thinsliceJson(args);
  const db = openDatabase(data);
  const known = { db, appVersion: '9.9.9', resourcesDir: '' };
  const context: Context = {
    ...known,
    // As the window has it: labels are read, checked and written in a thread.
    inThread: heavyInThread(join(builtCli, '..', 'heavy-thread.js'), known),
    startEngine: () => connectEngine(forkEngine(join(builtCli, '..', 'engine.js'))),
    now: () => new Date().toISOString(),
    newId: randomUUID,
  };
  const engine = createViewEngine(context);
  onTestFinished(async () => {
    await engine.close();
    db.close();
  });
  const row = getResult(db, result as string);
  const labels = new Uint8Array(gunzipSync(await loadLabelmap(context, row)));
  const route = labelsRoute(context, engine);
  const put = (of: string, body: Uint8Array): Promise<Response> =>
    route(new Request(`http://x/labels/${of}`, { method: 'PUT', body: Buffer.from(body) }), [of]);
  return { data, db, context, engine, id: row.id, labels, put };
}

describe('an edited version', () => {
  it('is stored beside its parent with measurements of its own, and exports say so', async () => {
    const { db, context, engine, id, labels, put } = await makeResult();
    const parent = resultView(context, id);
    const edited = labels.slice();
    // One plane less.
    edited.fill(0, 0, 24 * 20);
    const reply = await put(id, gzipSync(edited));
    expect(reply.status).toBe(201);
    const { id: version } = (await reply.json()) as { id: string };

    expect(resultView(context, id)).toEqual(parent);
    const stored = getResult(db, version);
    expect(stored).toMatchObject({ jobId: parent.jobId, parentId: id, appVersion: '9.9.9' });
    expect(new Uint8Array(gunzipSync(await loadLabelmap(context, stored)))).toEqual(edited);
    const [before] = listMeasurements(db, id);
    const [after] = listMeasurements(db, version);
    expect(after!.voxels).toBe((before!.voxels * 9) / 10);
    expect(after!.meanIntensity).toBeCloseTo(before!.meanIntensity!, 9);
    expect(after!.boundsZyx!.min[0]).toBe(1);
    expect(resultSummaries(context, null).map((each) => each.id)).toEqual([version, id]);

    const [fidelity] = await compareResults(context, engine, { reference: id, compared: version });
    expect(fidelity!.dice).toBeCloseTo((2 * 0.9) / 1.9, 9);

    const out = tempDir();
    const files = await exportStoredResult(context, version, out, ['seg', 'nifti', 'json', 'csv'], {});
    const path = new Map(files.map((file) => [file.format, file.path]));
    expect(path.get('json')).toContain(`edited-${version.slice(0, 8)}`);
    expect(JSON.parse(readFileSync(path.get('json')!, 'utf8'))).toMatchObject({ editedFrom: id });
    expect(readFileSync(path.get('csv')!, 'utf8')).toContain(id);
    const seg = new Uint8Array(readFileSync(path.get('seg')!));
    expect(readSeg(seg, grid).labelmap.labels).toEqual(edited);
    expect(Buffer.from(seg).toString('latin1')).toMatch(
      /SEMIAUTOMATIC[^]*edited by hand|edited by hand[^]*SEMI/,
    );
    const nifti = gunzipSync(readFileSync(path.get('nifti')!));
    expect(readNifti(new Uint8Array(nifti)).volume.voxels).toEqual(edited);
    expect(nifti.toString('latin1', 148, 228)).toContain('edited by hand');
  });

  it('can be edited again, and each is accepted or rejected by itself', async () => {
    const { data, db, context, id, labels, put } = await makeResult();
    const save = async (of: string, edited: Uint8Array): Promise<string> =>
      ((await (await put(of, gzipSync(edited))).json()) as { id: string }).id;
    const second = await save(
      id,
      labels.map(() => 0),
    );
    const third = await save(
      second,
      labels.map(() => 1),
    );
    expect(findResult(db, third)).toMatchObject({ parentId: second });
    reviewResult(context, second, 'rejected', 'empty');
    expect(resultView(context, second).review).toMatchObject({ state: 'rejected', note: 'empty' });
    expect(resultView(context, second).review.reviewedAt).toMatch(/^\d{4}-/);
    expect(resultView(context, third).review).toEqual({ state: 'open', note: '', reviewedAt: null });
    const { stdout } = await runThinslice(['results', 'show', second, '--data', data]);
    expect(stdout).toMatch(new RegExp(`Edited +by hand, from ${id}`));
    expect(stdout).toMatch(/Review +rejected 2\S+: empty/);
    reviewResult(context, second, 'open', '');
    expect(resultView(context, second).review).toEqual({ state: 'open', note: '', reviewedAt: null });
    const events = db.prepare(`SELECT event FROM audit WHERE subject = ? ORDER BY id`).pluck().all(second);
    expect(events).toEqual(['result-edited', 'result-reviewed', 'result-reviewed']);
  });

  it('is refused where it does not fit, and nothing is stored', async () => {
    const { db, id, labels, put } = await makeResult();
    const count = () =>
      db.prepare(`SELECT (SELECT count(*) FROM results), (SELECT count(*) FROM blobs)`).raw().get();
    const before = count();
    const refusals: [Uint8Array, number, RegExp][] = [
      [gzipSync(labels.slice(1)), 422, /labels for/],
      [gzipSync(new Uint8Array(voxels + 1)), 422, /more labels/],
      // A few kilobytes that would inflate to hundreds of megabytes.
      [gzipSync(new Uint8Array(2 ** 28)), 413, /large/],
      [gzipSync(labels.map(() => 7)), 422, /value 7/],
      [new Uint8Array([1, 2, 3]), 422, /header/],
      [new Uint8Array(0), 422, /cannot be stored/],
    ];
    for (const [body, status, words] of refusals) {
      const reply = await put(id, body);
      expect(reply.status).toBe(status);
      expect(await reply.text()).toMatch(words);
    }
    expect((await put('nobody', gzipSync(labels))).status).toBe(404);
    expect(count()).toEqual(before);
  });

  it('is refused by the thread that checks it where its bytes were changed on the disk', async () => {
    const { db, context, id, labels } = await makeResult();
    const row = getResult(db, id);
    const changed = gzipSync(labels.map((label) => 1 - label));
    db.prepare('UPDATE blobs SET data = ? WHERE sha256 = ?').run(changed, row.labelmap);
    await expect(loadLabelmap(context, row)).rejects.toMatchObject({
      error: { code: 'database-unusable', detail: expect.stringContaining('does not have its SHA-256') },
    });
  });
});
