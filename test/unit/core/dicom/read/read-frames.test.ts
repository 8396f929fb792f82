import { describe, expect, it } from 'vitest';
import { groupStudies } from '../../../../../main/core/dicom/read/group-studies.ts';
import type { Fields, FileForm } from '../../../../fixtures/dicom-bytes.ts';
import { sliceFields, without } from '../../../../fixtures/slice-fields.ts';
import { instanceOf } from './instance-of.ts';

/** An enhanced object: `frames` places, with what `content` adds to the items of each frame. */
function enhanced(sopClassUid: string, places: readonly number[], content: (n: number) => Fields): Fields {
  return {
    ...without(sliceFields(0), '00200032', '00200037', '00280030', '00281052', '00281053'),
    '00080016': ['UI', sopClassUid],
    '00280008': ['IS', `${places.length}`],
    '7fe00010': ['OW', new Uint8Array(24 * places.length)],
    '52009229': [
      'SQ',
      [
        {
          '00209116': ['SQ', [{ '00200037': ['DS', [1, 0, 0, 0, 1, 0]] }]],
          '00289110': ['SQ', [{ '00180050': ['DS', '2'], '00280030': ['DS', [0.5, 0.75]] }]],
          '00289145': [
            'SQ',
            [{ '00281052': ['DS', '-1000'], '00281053': ['DS', '2'], '00281054': ['LO', 'HU'] }],
          ],
        },
      ],
    ],
    '52009230': [
      'SQ',
      places.map((z, n): Fields => ({
        '00209113': ['SQ', [{ '00200032': ['DS', [-10, -20, z]] }]],
        ...content(n),
      })),
    ],
  };
}

const enhancedCt = '1.2.840.10008.5.1.4.1.1.2.1';
const enhancedMr = '1.2.840.10008.5.1.4.1.1.4.1';

describe('multi-frame files', () => {
  for (const form of [
    {},
    { syntax: 'implicit' },
    { syntax: 'big-endian', undefinedLengths: true },
  ] as FileForm[]) {
    it(`reads shared and per-frame functional groups (${JSON.stringify(form)})`, () => {
      const fields = enhanced(enhancedCt, [4, 0, 2], (n): Fields =>
        n === 1 ? { '00289145': ['SQ', [{ '00281052': ['DS', '-5'], '00281053': ['DS', '3'] }]] } : {},
      );
      const { frames } = instanceOf(fields, '/a/1', form);
      expect(frames.map(({ frame, plane }) => [frame, plane?.positionLps[2], plane?.spacingYxMm])).toEqual([
        [0, 4, [0.5, 0.75]],
        [1, 0, [0.5, 0.75]],
        [2, 2, [0.5, 0.75]],
      ]);
      // A frame's own group goes before the shared one.
      expect(frames.map(({ rescale }) => [rescale.slope, rescale.intercept])).toEqual([
        [2, -1000],
        [3, -5],
        [2, -1000],
      ]);
      const volume = groupStudies([instanceOf(fields, '/a/1', form)])[0]!.series[0]!.volumes[0]!;
      expect(volume.frames.map(({ frame }) => frame)).toEqual([1, 2, 0]);
      expect(volume.grid?.spacingZyxMm).toEqual([2, 0.5, 0.75]);
      expect(volume.verdict.outcome).toBe('ok');
    });
  }

  it('splits frames by stack, b-value, echo, frame type and other dimensions', () => {
    const places = [0, 1, 2, 0, 1, 2];
    const split = (content: (n: number) => Fields, others: Fields = {}) =>
      groupStudies([
        instanceOf({ ...enhanced(enhancedMr, places, content), '00080060': ['CS', 'MR'], ...others }),
      ])[0]!.series[0]!.volumes.map((volume) => [volume.part, volume.frames.map(({ frame }) => frame)]);
    const half = (n: number) => (n < 3 ? 1 : 2);
    const halves = [
      [0, 1, 2],
      [3, 4, 5],
    ];
    const byStack = split((n) => ({ '00209111': ['SQ', [{ '00209056': ['SH', `${half(n)}`] }]] }));
    const byBValue = split((n) => ({ '00189117': ['SQ', [{ '00189087': ['FD', half(n) * 500] }]] }));
    const byEcho = split((n) => ({ '00189114': ['SQ', [{ '00189082': ['FD', half(n) * 10] }]] }));
    const byType = split((n) => ({
      '00189226': [
        'SQ',
        [{ '00089007': ['CS', `ORIGINAL\\PRIMARY\\${half(n) === 1 ? 'M' : 'PHASE'}\\NONE`] }],
      ],
    }));
    const byTime = split((n) => ({ '00209111': ['SQ', [{ '00209128': ['UL', half(n)] }]] }));
    const byDimension = split(
      (n) => ({ '00209111': ['SQ', [{ '00209157': ['UL', [(n % 3) + 1, half(n)]] }]] }),
      {
        '00209222': ['SQ', [{ '00209165': ['AT', 0x00209057] }, { '00209165': ['AT', 0x00189073] }]],
      },
    );
    for (const parts of [byStack, byBValue, byEcho, byType, byTime, byDimension]) {
      expect(parts.map(([, frames]) => frames)).toEqual(halves);
    }
    expect(byBValue.map(([part]) => part)).toEqual(['b=500', 'b=1000']);
  });

  it('places no frame where the functional groups describe another number of frames', () => {
    const fields = { ...enhanced(enhancedCt, [0, 1, 2], () => ({})), '00280008': ['IS', '4'] } as Fields;
    expect(instanceOf(fields).frames.map(({ plane }) => plane)).toEqual([null, null, null, null]);
  });

  it('steps nuclear medicine frames along the normal, either way', () => {
    const tomogram = (spacing: string) =>
      instanceOf({
        ...without(sliceFields(0), '00200032', '00200037'),
        '00080016': ['UI', '1.2.840.10008.5.1.4.1.1.20'],
        '00180088': ['DS', spacing],
        '00280008': ['IS', '3'],
        '00540022': ['SQ', [{ '00200032': ['DS', [1, 2, 3]], '00200037': ['DS', [1, 0, 0, 0, 1, 0]] }]],
        '7fe00010': ['OW', new Uint8Array(72)],
      }).frames.map(({ plane }) => plane?.positionLps[2]);
    expect(tomogram('4')).toEqual([3, 7, 11]);
    expect(tomogram('-4')).toEqual([3, -1, -5]);
  });

  it('places no frame of other old multi-frame files', () => {
    const cine = instanceOf(
      sliceFields(0, { '00280008': ['IS', '3'], '7fe00010': ['OW', new Uint8Array(72)] }),
    );
    expect(cine.frames.map(({ plane }) => plane)).toEqual([null, null, null]);
  });

  it('does not allocate the frames that a hostile header claims', () => {
    for (const claim of ['2147483647', '-5', '1e300', 'many']) {
      const { frames } = instanceOf(sliceFields(0, { '00280008': ['IS', claim] }));
      expect(frames.length).toBeGreaterThan(0);
      expect(frames.length).toBeLessThan(2000);
    }
    const huge = instanceOf(
      sliceFields(0, {
        '00280010': ['US', 65535],
        '00280011': ['US', 65535],
        '00280008': ['IS', '2147483647'],
      }),
    );
    expect(huge.pixels?.bytesMissing).toBeGreaterThan(1e18);
  });
});
