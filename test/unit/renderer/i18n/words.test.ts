import { beforeAll, describe, expect, test } from 'vitest';
import type { AppError, AppErrorCode } from '../../../../main/contract/app-error.ts';
import type { FileFlaw } from '../../../../main/core/dicom/file-flaw.ts';
import { describeFlaw } from '../../../../main/core/dicom/read/describe-flaw.ts';
import type { GeometryVerdict } from '../../../../main/core/dicom/study.ts';
import { because, type KnownCause } from '../../../../main/contract/known-cause.ts';
import { describeRefusal } from '../../../../main/core/choose/describe-choice.ts';
import type { Refusal } from '../../../../main/core/choose/choice.ts';
import { wordsOfRefusal } from '../../../../renderer/i18n/refusal-words.ts';
import { wordsOf } from '../../../../renderer/i18n/error-words.ts';
import { wordsOfFlaw } from '../../../../renderer/i18n/flaw-words.ts';
import { wordsOfKnownCause } from '../../../../renderer/i18n/known-cause-words.ts';
import { languages, setLanguage, startI18n } from '../../../../renderer/i18n/i18n.svelte.ts';

beforeAll(() => startI18n('en'));

const path = '/data/x';
const detail = 'a reason';
const device = 'NVIDIA T1000';

/** One of every code: a new one does not compile without an example here. */
const examples: Readonly<Record<AppErrorCode, readonly AppError[]>> = {
  usage: [{ code: 'usage', detail }],
  'input-unreadable': [{ code: 'input-unreadable', path, detail: 'EACCES' }],
  'input-refused': [{ code: 'input-refused', path, detail }],
  'recipe-refused': [{ code: 'recipe-refused', path, detail }],
  'reference-refused': [{ code: 'reference-refused', path, detail }],
  'no-images': [
    { code: 'no-images', path, filesSkipped: 1 },
    { code: 'no-images', path, filesSkipped: 4, problem: { file: 'a.dcm', flaw: { code: 'no-image' } } },
  ],
  'series-not-found': [{ code: 'series-not-found', path, series: '1.2.3' }],
  'geometry-refused': [
    { code: 'geometry-refused', series: '1.2', findings: 'gaps' },
    {
      code: 'geometry-refused',
      series: '1.2',
      findings: 'x',
      verdict: { outcome: 'refused', findings: [{ code: 'localizer', numbers: {} }] },
    },
    {
      code: 'geometry-refused',
      series: '1.2',
      findings: 'gaps',
      problem: { file: 'b.dcm', flaw: { code: 'unreadable', cause: 'EACCES' } },
    },
  ],
  'channel-mismatch': [{ code: 'channel-mismatch', channel: 'T2', detail }],
  'model-not-found': [{ code: 'model-not-found', model: 'liver' }],
  'model-refused': [{ code: 'model-refused', path, detail: 'ENOENT' }],
  'model-corrupt': [{ code: 'model-corrupt', model: 'liver', detail }],
  'device-failed': [
    { code: 'device-failed', device, detail },
    { code: 'device-failed', device, detail, fault: { code: 'not-a-number', values: 3 } },
  ],
  'nothing-to-choose': [
    { code: 'nothing-to-choose', reason: 'no-device', detail },
    {
      code: 'nothing-to-choose',
      reason: 'no-device',
      detail,
      refusal: { kind: 'refusal', code: 'no-device' },
    },
  ],
  'engine-died': [{ code: 'engine-died', detail }],
  'out-of-memory': [{ code: 'out-of-memory', device, detail }],
  'output-failed': [
    { code: 'output-failed', path, detail: 'ENOSPC' },
    { code: 'output-failed', path, detail, resultId: 'r1' },
  ],
  'database-unusable': [{ code: 'database-unusable', path, detail: 'SQLITE_IOERR_WRITE' }],
  'not-found': [
    { code: 'not-found', what: 'result', id: 'r1' },
    { code: 'not-found', what: 'constructor', id: 'x' },
  ],
  cancelled: [{ code: 'cancelled' }, { code: 'cancelled', resultId: 'r1' }],
  bug: [{ code: 'bug', detail }],
};

describe.each(languages)('the words in %s', (language) => {
  beforeAll(() => setLanguage(language));

  test.each(Object.values(examples).flat())('of $code are whole, and hint at no command', (error) => {
    const words = wordsOf(error);
    expect(words).not.toMatch(/\{\{|undefined|errors\.|decisions\.|thinslice \w|--\w/);
    expect(words).toMatch(/^\S.*\S$/s);
    const { path: named } = error as { path?: string };
    if (named) expect(words).toContain(named);
  });

  test('turn system codes into words, also SQLite’s long ones', () => {
    expect(wordsOf(examples['input-unreadable'][0]!)).not.toContain('EACCES');
    expect(wordsOf(examples['database-unusable'][0]!)).not.toContain('SQLITE');
  });
});

test('German is German', async () => {
  await setLanguage('de');
  expect(wordsOf(examples['output-failed'][0]!)).toBe(
    '/data/x kann nicht geschrieben werden: der Datenträger ist voll. Halb Geschriebenes blieb dort nicht zurück.',
  );
});

test('a refusal has words for each of its codes', async () => {
  const refusals: Readonly<Record<Refusal['code'], Refusal>> = {
    'no-variants': { kind: 'refusal', code: 'no-variants' },
    'no-device': { kind: 'refusal', code: 'no-device' },
    'unknown-variant': { kind: 'refusal', code: 'unknown-variant', variantId: 'm/x' },
    'unknown-device': { kind: 'refusal', code: 'unknown-device', deviceKey: 'cuda' },
    'device-set-aside': { kind: 'refusal', code: 'device-set-aside', device, failure: { code: 'all-zero' } },
    'wrong-provider': { kind: 'refusal', code: 'wrong-provider', variant: 'x', device },
    'below-floor': { kind: 'refusal', code: 'below-floor', best: 0.91, floor: 0.95 },
    'too-little-memory': {
      kind: 'refusal',
      code: 'too-little-memory',
      variant: 'full',
      device,
      neededBytes: 5e9,
      usableBytes: 1e9,
    },
    'ran-out-of-memory': { kind: 'refusal', code: 'ran-out-of-memory' },
  };
  for (const language of languages) {
    await setLanguage(language);
    const words = Object.values(refusals).map(wordsOfRefusal);
    expect(new Set(words).size).toBe(words.length);
    expect(words.join()).not.toMatch(/\{\{|undefined|decisions\./);
  }
  await setLanguage('en');
  const figures = (text: string): number[] => (text.match(/\d+(\.\d+)?/g) ?? []).map(Number);
  for (const refusal of Object.values(refusals))
    expect(figures(wordsOfRefusal(refusal))).toEqual(figures(describeRefusal(refusal)));
});

test('a file that is not used has words for each flaw, with its numbers', async () => {
  const flaws: Readonly<Record<FileFlaw['code'], FileFlaw>> = {
    'header-damaged': { code: 'header-damaged', atByte: 7 },
    'header-cut-short': { code: 'header-cut-short', atByte: 9 },
    'pixels-missing': { code: 'pixels-missing' },
    'pixels-cut-short': { code: 'pixels-cut-short', missingBytes: 100 },
    'no-image': { code: 'no-image' },
    unreadable: { code: 'unreadable', cause: 'EACCES' },
  };
  for (const language of languages) {
    await setLanguage(language);
    for (const flaw of Object.values(flaws)) {
      const words = wordsOfFlaw(flaw);
      expect(words).not.toMatch(/\{\{|undefined|errors\.|EACCES/);
      expect(words.match(/\d+/g)).toEqual(describeFlaw(flaw).match(/\d+/g));
    }
  }
  const german = wordsOf({ code: 'geometry-refused', series: '1.2', findings: 'x', verdict: tooFew });
  expect(german).toMatch(
    /^Die Serie 1\.2 ist kein einfaches Volumen\. 2 Schichten sind zu wenig; .* Wählen Sie/,
  );
});

const tooFew: GeometryVerdict = {
  outcome: 'refused',
  findings: [{ code: 'too-few-slices', numbers: { slices: 2, needed: 3 } }],
};

test('a known cause has words of its own in each language, with its numbers and names', async () => {
  const plain = [
    'work-busy',
    'tuning-busy',
    'export-busy',
    'nothing-read',
    'other-grids',
    'no-common-label',
    'all-held-out',
    'one-image',
    'channel-open',
    'edit-of-another-size',
  ] as const;
  const causes: readonly KnownCause[] = [
    ...plain.map((code) => ({ code })),
    { code: 'no-budget', text: '12 apples' },
    { code: 'wrong-modality', reads: 'MR', found: 'CT' },
    { code: 'wrong-modality', reads: 'MR', found: '' },
    { code: 'channels-apart', other: 'T2' },
    { code: 'edit-of-a-foreign-value', value: 77 },
    { code: 'too-many-voxels', voxels: 3e9 },
    { code: 'too-little-memory', neededBytes: 5e9, freeBytes: 1e9 },
  ];
  const said: string[][] = [];
  for (const language of languages) {
    await setLanguage(language);
    said.push(causes.map(wordsOfKnownCause));
  }
  for (const words of said) {
    expect(new Set(words).size).toBe(words.length);
    expect(words.join()).not.toMatch(/\{\{|undefined|errors\.|--\w/);
    expect(words.join()).toMatch(/12 apples.*MR.*CT.*MR.*T2.*77.*3\D000\D000\D000/s);
  }
  for (const [i, words] of said[0]!.entries()) expect(said[1]![i]).not.toBe(words);
  await setLanguage('de');
  const refused = because({ code: 'wrong-modality', reads: 'MR', found: 'CT' });
  expect(wordsOf({ code: 'input-refused', path, ...refused })).toBe(
    '/data/x kann nicht segmentiert werden: das Modell liest MR, und dies ist CT.',
  );
  expect(wordsOf({ code: 'usage', ...because({ code: 'work-busy' }) })).toBe(
    'Eine andere Arbeit mit Modellen ist noch nicht fertig.',
  );
});
