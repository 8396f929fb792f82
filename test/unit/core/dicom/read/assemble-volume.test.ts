import { describe, expect, it } from 'vitest';
import { assembleVolume } from '../../../../../main/core/dicom/read/assemble-volume.ts';
import { describeVerdict } from '../../../../../main/core/dicom/read/describe-verdict.ts';
import type { VerdictCode } from '../../../../../main/core/dicom/study.ts';
import { evenly, makeImage, makeStack } from './make-image.ts';
import type { ImageChoices } from './make-image.ts';

function judge(choices: ImageChoices = {}, modality = 'CT') {
  const { verdict, grid } = assembleVolume(
    makeStack(evenly(5), () => choices),
    modality,
  );
  return {
    outcome: verdict.outcome,
    codes: verdict.findings.map(({ code }) => code),
    hasGrid: grid !== null,
  };
}

describe('assembleVolume', () => {
  it('lets a plain stack through, with its numbers', () => {
    const { verdict, frames, assembly } = assembleVolume(makeStack(evenly(5, 2)), 'CT');
    expect(verdict).toEqual({
      outcome: 'ok',
      findings: [{ code: 'ok', numbers: { slices: 5, spacingMm: 2 } }],
    });
    expect(assembly).toEqual({ kind: 'stack' });
    expect(frames[4]).toMatchObject({
      frame: 0,
      positionLps: [0, 0, 8],
      rescaleSlope: 1,
      rescaleIntercept: -1024,
    });
  });

  it('says which corrections it made', () => {
    const { verdict } = assembleVolume(makeStack([0, 1, 1, 2]), 'CT');
    expect(verdict).toEqual({
      outcome: 'corrected',
      findings: [{ code: 'duplicates-dropped', numbers: { duplicates: 1 } }],
    });
  });

  const refusals: readonly (readonly [string, ImageChoices, string, VerdictCode])[] = [
    ['CT without slope', { rescale: { slope: null } }, 'CT', 'missing-rescale'],
    ['CT without intercept', { rescale: { intercept: null } }, 'CT', 'missing-rescale'],
    ['a slope of zero', { rescale: { slope: 0 } }, 'CT', 'missing-rescale'],
    ['a slope that is no number', { rescale: { slope: NaN } }, 'MR', 'missing-rescale'],
    ['CT in other units', { rescale: { type: 'MGML' } }, 'CT', 'not-hu'],
    ['CT in unspecified units', { rescale: { type: 'US' } }, 'CT', 'not-hu'],
    ['a projection', { traits: { imageType: 'DERIVED\\SECONDARY\\MIP' } }, 'CT', 'not-hu'],
    ['a perfusion map', { traits: { imageType: 'DERIVED\\PRIMARY\\PERFUSION\\RCBF' } }, 'CT', 'not-hu'],
    ['a localizer', { traits: { imageType: 'ORIGINAL\\PRIMARY\\LOCALIZER' } }, 'CT', 'localizer'],
    ['an MR scout', { traits: { imageType: 'ORIGINAL\\PRIMARY\\SCOUT' } }, 'MR', 'localizer'],
    ['colour', { pixels: { samplesPerPixel: 3, photometric: 'RGB' } }, 'CT', 'unsupported-pixels'],
    ['a palette', { pixels: { photometric: 'PALETTE COLOR' } }, 'CT', 'unsupported-pixels'],
    ['float pixels', { pixels: { isFloat: true, bitsAllocated: 32 } }, 'MR', 'unsupported-pixels'],
    ['packed bits', { pixels: { bitsAllocated: 12 } }, 'CT', 'unsupported-pixels'],
    ['video', { instance: { transferSyntaxUid: '1.2.840.10008.1.2.4.102' } }, 'CT', 'unsupported-pixels'],
    ['no pixels at all', { pixels: { rows: 0 } }, 'CT', 'unsupported-pixels'],
    ['a segmentation', { instance: { sopClassUid: '1.2.840.10008.5.1.4.1.1.66.4' } }, 'SEG', 'not-an-image'],
    ['a report', { pixels: null, plane: null }, 'SR', 'not-an-image'],
    ['a cut file', { pixels: { bytesMissing: 62 } }, 'CT', 'truncated'],
    ['a cut header', { pixels: null, instance: { cutShort: { code: 'pixels-missing' } } }, 'CT', 'truncated'],
  ];
  for (const [name, choices, modality, code] of refusals) {
    it(`refuses ${name}`, () => {
      const { outcome, codes } = judge(choices, modality);
      expect(outcome).toBe('refused');
      expect(codes).toContain(code);
    });
  }

  it('accepts CT with Rescale Type HU, an MPR, and MR without any rescale', () => {
    expect(judge({ rescale: { type: 'HU' } }).codes).toEqual(['ok']);
    expect(judge({ traits: { imageType: 'DERIVED\\SECONDARY\\AXIAL\\MPR' } }).codes).toEqual(['ok']);
    expect(judge({ rescale: { slope: null, intercept: null } }, 'MR').codes).toEqual(['ok']);
    expect(judge({ pixels: { photometric: 'MONOCHROME1' } }).codes).toEqual(['ok']);
  });

  it('judges one bad slice as it judges all', () => {
    const images = [
      ...makeStack([0, 1, 2]),
      makeImage({ positionLps: [0, 0, 3], pixels: { bytesMissing: 1000 } }),
    ];
    const { verdict, grid } = assembleVolume(images, 'CT');
    expect(verdict).toEqual({
      outcome: 'refused',
      findings: [{ code: 'truncated', numbers: { images: 1, missingBytes: 1000 } }],
    });
    // Its geometry is known all the same.
    expect(grid?.shapeZyx).toEqual([4, 512, 512]);
  });
});

describe('describeVerdict', () => {
  const describeHeights = (heights: readonly number[]) =>
    describeVerdict(assembleVolume(makeStack(heights), 'CT').verdict);

  it('words a verdict with its numbers', () => {
    expect(describeHeights(evenly(160))).toBe('ok: 160 slices, 1 mm apart');
    expect(describeHeights([0, 5, 10, 20])).toBe(
      'refused: gaps of up to 10 mm between slices that lie 5 mm apart; 1 slice is missing',
    );
    expect(describeHeights([0, 5, 10, 15, 30])).toMatch(/2 slices are missing$/);
    expect(describeHeights([0, 1, 1, 2])).toBe('corrected: 1 duplicate slice dropped');
    expect(describeHeights([0, 1])).toBe(
      'refused: 2 slices; at least 3 are needed, since with fewer nothing shows whether one is missing',
    );
  });

  it('leaves out corrections that came to nothing', () => {
    expect(describeHeights([0, 1, 1, 2, 3, 5, 6])).not.toMatch(/duplicate/);
  });

  it('has words for every code', () => {
    const codes: Record<VerdictCode, true> = {
      ok: true,
      'tilt-resheared': true,
      'spacing-resampled': true,
      'duplicates-dropped': true,
      gap: true,
      'uneven-spacing': true,
      'uneven-shift': true,
      'single-position': true,
      'too-few-slices': true,
      'mixed-orientation': true,
      'mixed-matrix': true,
      'missing-geometry': true,
      'missing-rescale': true,
      'not-hu': true,
      localizer: true,
      'not-an-image': true,
      'unsupported-pixels': true,
      truncated: true,
    };
    for (const code of Object.keys(codes) as VerdictCode[]) {
      const words = describeVerdict({ outcome: 'refused', findings: [{ code, numbers: {} }] });
      expect(words).not.toMatch(/undefined/);
    }
  });
});
