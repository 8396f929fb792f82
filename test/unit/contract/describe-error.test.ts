import { describe, expect, it } from 'vitest';
import type { AppError } from '../../../main/contract/app-error.ts';
import { describeError, exitCodeOf } from '../../../main/contract/describe-error.ts';

const path = '/studies/Müller';

/** One of each: a new code does not compile until it is here. */
const errors: { readonly [K in AppError['code']]: readonly [AppError & { code: K }, number, RegExp] } = {
  usage: [{ code: 'usage', detail: '--format needs --out.' }, 2, /--out/],
  'input-unreadable': [{ code: 'input-unreadable', path, detail: 'EACCES' }, 3, /no permission/],
  'input-refused': [{ code: 'input-refused', path, detail: 'it is cut off' }, 3, /it is cut off/],
  'recipe-refused': [{ code: 'recipe-refused', path, detail: 'it is not JSON' }, 3, /recipe: it is not JSON/],
  'reference-refused': [
    { code: 'reference-refused', path, detail: 'it lies on another grid' },
    3,
    /compared.*another grid/,
  ],
  'no-images': [{ code: 'no-images', path, filesSkipped: 1 }, 3, /1 other file skipped/],
  'series-not-found': [{ code: 'series-not-found', path, series: '1.2.3' }, 3, /1\.2\.3.*thinslice studies/],
  'geometry-refused': [
    {
      code: 'geometry-refused',
      path,
      series: '1.2.3',
      findings: 'a gap',
      problem: { file: 'x.dcm', flaw: { code: 'pixels-cut-short', missingBytes: 100 } },
    },
    3,
    /1\.2\.3.*a gap.*x\.dcm: its pixel data is 100 bytes short.*--series/,
  ],
  'channel-mismatch': [{ code: 'channel-mismatch', channel: 'T2', detail: `${path} lacks it` }, 3, /T2/],
  'model-not-found': [{ code: 'model-not-found', model: path }, 4, /models list/],
  'model-refused': [{ code: 'model-refused', path, detail: 'ENOENT' }, 4, /no such file/],
  'model-corrupt': [
    { code: 'model-corrupt', model: path, detail: 'x' },
    4,
    /models remove \S+.*import it again/,
  ],
  'device-failed': [{ code: 'device-failed', device: path, detail: 'no driver' }, 5, /--device cpu/],
  'nothing-to-choose': [
    { code: 'nothing-to-choose', reason: 'too-little-memory', detail: `Not enough memory for ${path}.` },
    5,
    /Not enough memory/,
  ],
  'engine-died': [{ code: 'engine-died', detail: path }, 5, /goes on from what was kept last/],
  'out-of-memory': [{ code: 'out-of-memory', device: path, detail: 'x' }, 5, /Close other programs/],
  'output-failed': [
    { code: 'output-failed', path, detail: 'ENOSPC', resultId: 'r1' },
    6,
    /disk is full.*results export r1/,
  ],
  'database-unusable': [
    { code: 'database-unusable', path, detail: 'SQLITE_IOERR_WRITE' },
    6,
    /errors or is full/,
  ],
  'not-found': [{ code: 'not-found', what: 'result', id: path }, 3, /thinslice results list/],
  cancelled: [{ code: 'cancelled', resultId: path }, 130, /Cancelled\. .*results export/],
  bug: [{ code: 'bug', detail: `${path} is no number` }, 1, /is no number/],
};

describe('describeError', () => {
  it.each(Object.values(errors))('says what $code means, where, and what to do', (error, exitCode, says) => {
    const message = describeError(error);
    expect(message).toMatch(says);
    expect(message).toMatch(/[.]$/);
    expect(message).not.toMatch(/undefined|null|\[object|ENO|EAC|SQLITE/);
    if (error.code !== 'usage') expect(message).toContain(path);
    expect(exitCodeOf(error)).toBe(exitCode);
  });

  it('keeps the words of whoever found the cause', () => {
    expect(describeError({ code: 'output-failed', path, detail: 'the moon is full' })).toContain(
      'the moon is full',
    );
  });

  it('says which file of a folder was no good where none was', () => {
    const problem = { file: `${path}/1.dcm`, flaw: { code: 'pixels-missing' } } as const;
    const message = describeError({ code: 'no-images', path, filesSkipped: 0, problem });
    expect(message).toMatch(/0 other files skipped.*1\.dcm: the file ends/);
  });
});
