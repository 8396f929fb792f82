import { describe, expect, it } from 'vitest';
import { DicomFormatError } from '../../../../../main/core/dicom/read/dicom-format-error.ts';
import { isStandInUid } from '../../../../../main/core/dicom/read/stand-in-uid.ts';
import type { Fields } from '../../../../fixtures/dicom-bytes.ts';
import { sliceFields, without } from '../../../../fixtures/slice-fields.ts';
import { instanceOf } from './instance-of.ts';

const traitsOf = (fields: Fields) => instanceOf(fields).frames[0]!.traits;
const planeOf = (fields: Fields) => instanceOf(fields).frames[0]!.plane;

describe('readInstance', () => {
  it('reads study, series and image', () => {
    const instance = instanceOf(sliceFields(7));
    expect(instance).toMatchObject({
      study: { studyInstanceUid: '1.2.3.1', patientId: 'P1', patientName: 'Doe^Jane', studyDate: '20240131' },
      series: {
        seriesInstanceUid: '1.2.3.2',
        modality: 'CT',
        seriesNumber: 3,
        frameOfReferenceUid: '1.2.3.3',
      },
      instanceNumber: 8,
      pixels: { rows: 3, columns: 4, bitsAllocated: 16, bytesMissing: 0 },
      cutShort: null,
    });
    expect(instance.frames).toHaveLength(1);
    expect(instance.frames[0]).toMatchObject({
      plane: {
        positionLps: [-10, -20, 7],
        xDirection: [1, 0, 0],
        yDirection: [0, 1, 0],
        // [between rows, between columns], as written.
        spacingYxMm: [0.5, 0.75],
      },
      rescale: { slope: 1, intercept: -1024, type: '' },
    });
    expect(instance.frames[0]!.instance.frames).toBe(instance.frames);
  });

  it('counts the bytes that pixel data lack', () => {
    const missing = (pixels: number, others: Fields = {}) =>
      instanceOf(sliceFields(0, { ...others, '7fe00010': ['OW', new Uint8Array(pixels)] })).pixels
        ?.bytesMissing;
    expect(missing(24)).toBe(0);
    expect(missing(10)).toBe(14);
    expect(missing(24, { '00280008': ['IS', '3'] })).toBe(48);
    // 12 bits a pixel, packed, as in ACR-NEMA.
    expect(missing(18, { '00280100': ['US', 12] })).toBe(0);
  });

  it('knows an image that was ever lossily compressed, whatever its syntax is now', () => {
    expect(instanceOf(sliceFields(0)).lossy).toBe(false);
    expect(instanceOf(sliceFields(0, { '00282110': ['CS', '00'] })).lossy).toBe(false);
    expect(instanceOf(sliceFields(0, { '00282110': ['CS', '01'] })).lossy).toBe(true);
  });

  it('tells an image that was cut between two elements from an object without pixels', () => {
    expect(instanceOf(without(sliceFields(0), '7fe00010')).cutShort).toEqual({ code: 'pixels-missing' });
    const rowless = without(sliceFields(0), '7fe00010', '00280010', '00280011');
    expect(instanceOf(rowless).cutShort).toEqual({ code: 'pixels-missing' });
    expect(
      instanceOf({ ...rowless, '00080016': ['UI', '1.2.840.10008.5.1.4.1.1.88.11'] }).cutShort,
    ).toBeNull();
  });

  it('gives images without UIDs stand-ins that keep a series together, in every scan', () => {
    const bare = (z: number, others: Fields = {}) =>
      sliceFields(z, { ...others, '0020000d': ['UI', ''], '0020000e': ['UI', ''], '00080018': ['UI', ''] });
    const [a, b] = [instanceOf(bare(0), '/a/1'), instanceOf(bare(1), '/a/2')];
    expect(a!.series.seriesInstanceUid).toBe(b!.series.seriesInstanceUid);
    expect(a!.study.studyInstanceUid).toBe(b!.study.studyInstanceUid);
    expect(a!.sopInstanceUid).not.toBe(b!.sopInstanceUid);
    expect(instanceOf(bare(0), '/a/1')).toEqual(a);
    for (const uid of [a!.series.seriesInstanceUid, a!.study.studyInstanceUid, a!.sopInstanceUid]) {
      expect(uid).toMatch(/^2\.25\.[1-9][0-9]{0,38}$/);
    }
    const elsewhere = instanceOf(bare(0), '/b/1');
    const otherSeries = instanceOf(bare(0, { '00200011': ['IS', '4'] }), '/a/3');
    expect(elsewhere.series.seriesInstanceUid).not.toBe(a!.series.seriesInstanceUid);
    expect(otherSeries.series.seriesInstanceUid).not.toBe(a!.series.seriesInstanceUid);
    expect(otherSeries.study.studyInstanceUid).toBe(a!.study.studyInstanceUid);
  });

  it('gives UIDs that can be none stand-ins of their own, and keeps those that archives know', () => {
    const uidsOf = (uid: string) => {
      const tags = ['0020000d', '0020000e', '00080018', '00200052'];
      const fields = Object.fromEntries(tags.map((tag) => [tag, ['UI', uid] as const]));
      const { study, series, sopInstanceUid } = instanceOf(sliceFields(0, fields));
      const { seriesInstanceUid, frameOfReferenceUid } = series;
      return [study.studyInstanceUid, seriesInstanceUid, sopInstanceUid, frameOfReferenceUid];
    };
    for (const wrong of ['<script>', '1.2.abc', '1..2', `1.${'2'.repeat(70)}`, '=1+1']) {
      for (const uid of uidsOf(wrong)) expect([wrong, isStandInUid(uid)]).toEqual([wrong, true]);
    }
    expect(uidsOf('1.2.a')[0]).not.toBe(uidsOf('1.2.b')[0]);
    expect(new Set(uidsOf('1.2.03'))).toEqual(new Set(['1.2.03']));
    // The example of PS3.5 annex B.2: a UUID of version 4.
    expect(isStandInUid('2.25.329800735698586629295641978511506172918')).toBe(false);
    expect(instanceOf(sliceFields(0, { '00080016': ['UI', 'CT'] })).sopClassUid).not.toBe('CT');
  });

  it('lets no control character through to a terminal or a table', () => {
    const escapes = '\u001b]0;x\u0007CT\r\n';
    const { study, series } = instanceOf(
      sliceFields(0, {
        '00080060': ['CS', escapes],
        '0008103e': ['LO', escapes],
        '00100010': ['PN', escapes],
        '00080020': ['DA', escapes],
      }),
    );
    for (const each of [series.modality, series.description, study.patientName, study.studyDate])
      expect(each).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  it('refuses what is neither an image nor part of a series', () => {
    expect(() => instanceOf({ '00080060': ['CS', 'CT'] })).toThrow(DicomFormatError);
  });
});

describe('planes', () => {
  const bad: Record<string, Fields> = {
    'no position': { '00200032': ['DS', ''] },
    'two coordinates': { '00200032': ['DS', '1\\2'] },
    'a position that is no number': { '00200032': ['DS', 'NaN\\0\\0'] },
    'an infinite position': { '00200032': ['DS', '1e999\\0\\0'] },
    'a position in another room': { '00200032': ['DS', '1e7\\0\\0'] },
    'a decimal comma': { '00200032': ['DS', '1,5\\0\\0'] },
    'no orientation': { '00200037': ['DS', ''] },
    'a direction of length 0': { '00200037': ['DS', '0\\0\\0\\0\\1\\0'] },
    'a direction of length 2': { '00200037': ['DS', '2\\0\\0\\0\\1\\0'] },
    'directions that are not square': { '00200037': ['DS', '1\\0\\0\\0.6\\0.8\\0'] },
    'no pixel spacing': { '00280030': ['DS', ''] },
    'a pixel spacing of 0': { '00280030': ['DS', '0\\0.5'] },
    'a negative pixel spacing': { '00280030': ['DS', '-0.5\\0.5'] },
    'a pixel spacing that is no number': { '00280030': ['DS', 'NaN\\NaN'] },
    'a pixel spacing of a kilometre': { '00280030': ['DS', '1e6\\1e6'] },
  };
  for (const [name, others] of Object.entries(bad)) {
    it(`takes ${name} for no plane`, () => {
      expect(planeOf(sliceFields(0, others))).toBeNull();
    });
  }

  it('makes directions of three decimals exact', () => {
    const plane = planeOf(sliceFields(0, { '00200037': ['DS', '1\\0.001\\0\\0\\0.97\\-0.242'] }))!;
    expect(Math.hypot(...plane.xDirection)).toBeCloseTo(1, 12);
    expect(Math.hypot(...plane.yDirection)).toBeCloseTo(1, 12);
    const product = plane.xDirection.reduce((sum, value, axis) => sum + value * plane.yDirection[axis]!, 0);
    expect(product).toBeCloseTo(0, 12);
  });
});

describe('traits', () => {
  const mr = (others: Fields) => sliceFields(0, { '00080060': ['CS', 'MR'], ...others });

  it('reads the standard b-value and gradient', () => {
    const traits = traitsOf(mr({ '00189087': ['FD', 800], '00189089': ['FD', [0, 0.6, 0.8]] }));
    expect(traits).toMatchObject({ bValue: '800', gradient: '0.0000 0.6000 0.8000' });
  });

  it('reads the b-values of vendors, in whichever block they are', () => {
    const siemens = { '00190010': ['LO', 'SIEMENS MR HEADER'], '0019100c': ['IS', '1000'] } as const;
    const moved = { '00190012': ['LO', 'SIEMENS MR HEADER'], '0019120c': ['IS', '1000'] } as const;
    const ge = { '00430010': ['LO', 'GEMS_PARM_01'], '00431039': ['IS', '1000001000\\8\\0\\0'] } as const;
    const philips = { '20010010': ['LO', 'Philips Imaging DD 001'], '20011003': ['FL', 1000] } as const;
    const united = { '00650010': ['LO', 'Image Private Header'], '00651009': ['FD', 1000] } as const;
    for (const each of [siemens, moved, ge, philips, united]) expect(traitsOf(mr(each)).bValue).toBe('1000');
    // The same element in somebody else's block means something else.
    const other = { '00190010': ['LO', 'ACME'], '0019100c': ['IS', '1000'] } as const;
    expect(traitsOf(mr(other)).bValue).toBe('');
  });

  it('reads echoes, acquisition, time and phase', () => {
    const traits = traitsOf(
      mr({
        '00180081': ['DS', '4.6000001'],
        '00180086': ['IS', '2'],
        '00181060': ['DS', '120'],
        '00200100': ['IS', '5'],
        '00080032': ['TM', '101010.5'],
      }),
    );
    expect(traits).toMatchObject({
      echo: '2, TE 4.6 ms',
      acquisition: '1',
      cardiacPhase: '120',
      temporalPosition: '5',
      acquisitionTime: '101010.5',
    });
  });
});
