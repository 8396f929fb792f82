import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openDatabase } from '../../main/db/database.ts';
import { listJobs } from '../../main/db/queries/jobs.ts';
import { listResults } from '../../main/db/queries/results.ts';
import { readSeg } from '../../main/core/dicom/seg/read-seg.ts';
import { bundledStudy, startThinslice, thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const kills = 20;

/** Process ids of the children of a process (Linux). */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

function killEngineOf(parent: number): void {
  try {
    for (const child of childrenOf(parent)) process.kill(child, 'SIGKILL');
  } catch {
    // The command had already ended.
  }
}

/** A seeded sequence of delays (mulberry32), so that each run of the test kills at the same moments. */
function delays(seed: number, longestMs: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * longestMs;
  };
}

/** Every file in the folder that has a final name reads back whole. */
function expectWholeFiles(dir: string): void {
  for (const name of readdirSync(dir)) {
    const bytes = readFileSync(join(dir, name));
    if (name.endsWith('.nii.gz')) expect(gunzipSync(bytes).length).toBeGreaterThan(352);
    if (name.endsWith('.dcm')) expect(() => readSeg(bytes)).not.toThrow();
    if (name.endsWith('.json')) expect(() => JSON.parse(bytes.toString('utf8'))).not.toThrow();
  }
}

test.skipIf(process.platform !== 'linux')(
  `killed ${kills} times at random moments, engine or parent: nothing is lost, and the last run ends as an undisturbed one`,
  async () => {
    const out = tempDir();
    const data = tempDir();
    const args = ['segment', bundledStudy, '--data', data, '--out', out];
    const start = performance.now();
    const undisturbed = await thinsliceJson([
      'segment',
      bundledStudy,
      '--data',
      tempDir(),
      '--out',
      tempDir(),
    ]);
    const next = delays(20261124, performance.now() - start);

    for (let i = 0; i < kills; i++) {
      const { child, ended } = startThinslice(args);
      const parentToo = i % 2 === 0;
      const timer = setTimeout(() => {
        if (child.pid === undefined) return;
        if (parentToo) child.kill('SIGKILL');
        else killEngineOf(child.pid);
      }, next());
      const { code, signal, stderr } = await ended;
      clearTimeout(timer);
      // A killed engine is started again, so such a run may still end well.
      expect([0, 5, null], stderr).toContain(code);
      if (code === null) expect(signal).toBe('SIGKILL');

      const db = openDatabase(data);
      try {
        expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
        expect(db.pragma('foreign_key_check')).toEqual([]);
        const finished = listJobs(db).filter((job) => job.state === 'done').length;
        expect(listResults(db)).toHaveLength(finished);
        expect(listJobs(db).every((job) => ['running', 'done', 'interrupted'].includes(job.state))).toBe(
          true,
        );
      } finally {
        db.close();
      }
      expectWholeFiles(out);
    }

    const last = await thinsliceJson(args);
    expect(last.labels).toEqual(undisturbed.labels);
    const { jobs } = (await thinsliceJson(['jobs', 'list', '--data', data])) as { jobs: { state: string }[] };
    expect(jobs.filter((job) => job.state === 'running')).toEqual([]);
  },
  900_000,
);
