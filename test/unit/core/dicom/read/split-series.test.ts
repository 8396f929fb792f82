import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageFrame, ImageTraits } from '../../../../../main/core/dicom/read/image-frame.ts';
import { splitSeries } from '../../../../../main/core/dicom/read/split-series.ts';
import { evenly, makeImage, makeStack } from './make-image.ts';

const sizes = (images: readonly ImageFrame[]) => splitSeries(images).map((part) => part.images.length);
const labels = (images: readonly ImageFrame[]) => splitSeries(images).map((part) => part.label);
const withTraits = (heights: readonly number[], traits: Partial<ImageTraits>) =>
  makeStack(heights, () => ({ traits }));

describe('splitSeries', () => {
  it('leaves a plain series whole', () => {
    expect(sizes(makeStack(evenly(30)))).toEqual([30]);
    expect(labels(makeStack(evenly(30)))).toEqual(['']);
  });

  it('leaves a series whole in which each slice has its own acquisition, time and trigger', () => {
    const images = makeStack(evenly(30), (n) => ({
      traits: {
        acquisition: `${n}`,
        acquisitionTime: `1200${n}`,
        cardiacPhase: `${n * 3}`,
        temporalPosition: `${n}`,
      },
    }));
    expect(sizes(images)).toEqual([30]);
  });

  it('leaves a series whole whose acquisition changes on the way', () => {
    const images = makeStack(evenly(30), (n) => ({ traits: { acquisition: n < 12 ? '4' : '5' } }));
    expect(sizes(images)).toEqual([30]);
  });

  it('splits by acquisition where positions repeat', () => {
    const images = [
      ...withTraits(evenly(20), { acquisition: '1' }),
      ...withTraits(evenly(20), { acquisition: '2' }),
    ];
    expect(splitSeries(images).map(({ label, images: own }) => [label, own.length])).toEqual([
      ['acquisition 1', 20],
      ['acquisition 2', 20],
    ]);
    // Overlapping by two slices only.
    const overlapping = [
      ...withTraits(evenly(20), { acquisition: '1' }),
      ...withTraits(evenly(20, 1, 18), { acquisition: '2' }),
    ];
    expect(sizes(overlapping)).toEqual([20, 20]);
  });

  const always: Partial<Record<keyof ImageTraits, [string, string, string]>> = {
    echo: ['1, TE 10 ms', '2, TE 20 ms', 'echo 2, TE 20 ms'],
    bValue: ['0', '800', 'b=800'],
    stack: ['1', '2', 'stack 2'],
    imageType: ['ORIGINAL\\PRIMARY\\M', 'ORIGINAL\\PRIMARY\\P', 'p'],
  };
  for (const [trait, [one, other, label]] of Object.entries(always)) {
    it(`splits by ${trait} even where slices lie between each other`, () => {
      const images = makeStack(evenly(20), (n) => ({ traits: { [trait]: n % 2 ? other : one } }));
      expect(sizes(images)).toEqual([10, 10]);
      expect(labels(images)[1]).toBe(label);
    });
  }

  const repeated: (keyof ImageTraits)[] = [
    'temporalPosition',
    'cardiacPhase',
    'gradient',
    'dimensions',
    'technique',
    'acquisitionTime',
  ];
  for (const trait of repeated) {
    it(`splits by ${trait} where positions repeat`, () => {
      const images = ['a', 'b', 'c'].flatMap((value) => withTraits(evenly(8), { [trait]: value }));
      expect(sizes(images)).toEqual([8, 8, 8]);
    });
  }

  it('splits by several things at once', () => {
    const images = ['0', '1000'].flatMap((bValue) =>
      ['1', '2'].flatMap((temporalPosition) => withTraits(evenly(5), { bValue, temporalPosition })),
    );
    expect(sizes(images)).toEqual([5, 5, 5, 5]);
    expect(labels(images)).toEqual(['b=0, time 1', 'b=0, time 2', 'b=1000, time 1', 'b=1000, time 2']);
  });

  it('splits orientations, sizes and frames of reference', () => {
    const sagittal = evenly(6).map((x) =>
      makeImage({ plane: { positionLps: [x, 0, 0], xDirection: [0, 1, 0], yDirection: [0, 0, -1] } }),
    );
    expect(labels([...sagittal, ...makeStack(evenly(6))])).toEqual(['sagittal', 'axial']);
    const { instance } = makeImage();
    const elsewhere = { ...instance.series, frameOfReferenceUid: '9.9' };
    const moved = evenly(6).map((z) => {
      const image = makeImage({ positionLps: [0, 0, z + 0.5] });
      return { ...image, instance: { ...image.instance, series: elsewhere } };
    });
    expect(sizes([...makeStack(evenly(6)), ...moved])).toEqual([6, 6]);
    expect(
      labels([...makeStack(evenly(6)), ...makeStack(evenly(6), () => ({ pixels: { rows: 256 } }))]),
    ).toEqual(['512 × 512', '512 × 256']);
    const fine = evenly(6).map((z) =>
      makeImage({ plane: { positionLps: [0, 0, z], spacingYxMm: [0.25, 0.25] } }),
    );
    expect(sizes([...makeStack(evenly(6)), ...fine])).toEqual([6, 6]);
  });

  it('sets one or two scouts apart from the slices', () => {
    const scout = (x: number) =>
      makeImage({ plane: { positionLps: [x, 0, 0], xDirection: [0, 1, 0], yDirection: [0, 0, -1] } });
    expect(sizes([...makeStack(evenly(20)), scout(0)])).toEqual([20, 1]);
  });

  it('does not take a localizer of three planes, or planes around an axis, for volumes of one slice', () => {
    const around = evenly(12, 15).map((degrees) => {
      const angle = (degrees * Math.PI) / 180;
      return makeImage({
        plane: { xDirection: [Math.cos(angle), Math.sin(angle), 0], yDirection: [0, 0, -1] },
      });
    });
    expect(sizes(around)).toEqual([12]);
  });

  it('does not let jitter of direction cosines split', () => {
    const jitter = makeStack(evenly(20), (n) => ({
      plane: {
        positionLps: [0, 0, n],
        xDirection: [Math.cos(n % 2 ? 5e-4 : 0), Math.sin(n % 2 ? 5e-4 : 0), 0],
      },
    }));
    expect(sizes(jitter)).toEqual([20]);
  });

  it('keeps images without a place together', () => {
    expect(sizes([...makeStack(evenly(5)), makeImage({ plane: null }), makeImage({ plane: null })])).toEqual([
      5, 2,
    ]);
  });

  it('takes repeats with only instance numbers of their own for volumes, and copies for copies', () => {
    expect(labels([...makeStack(evenly(5)), ...makeStack(evenly(5))])).toEqual(['repeat 1', 'repeat 2']);
    const numbered = () => makeStack(evenly(5), (n) => ({ instance: { instanceNumber: n } }));
    expect(sizes([...numbered(), ...numbered()])).toEqual([10]);
    // Some repeats only: nobody can say what they are; the gate drops them and says so.
    expect(sizes([...makeStack(evenly(5)), ...makeStack([2, 3])])).toEqual([7]);
  });

  it('sorts a file stored twice to its original and learns nothing from it', () => {
    const images = makeStack(evenly(10), (n) => ({ traits: { acquisition: n < 5 ? '1' : '2' } }));
    const copy = makeImage({
      positionLps: [0, 0, 3],
      traits: { acquisition: '1' },
      instance: { sopInstanceUid: images[3]!.instance.sopInstanceUid },
    });
    expect(sizes([...images, copy])).toEqual([11]);
  });

  it('splits stations of one plane', () => {
    const station = (y: number) => evenly(8).map((z) => makeImage({ positionLps: [0, y, z] }));
    expect(sizes([...station(0), ...station(400)])).toEqual([8, 8]);
  });

  it('splits tens of thousands of frames', () => {
    const images = Array.from({ length: 20_000 }, (_, n) =>
      makeImage({
        positionLps: [0, 0, n % 40],
        traits: { acquisitionTime: `${n}`, temporalPosition: `${(n / 40) | 0}` },
      }),
    );
    expect(sizes(images)).toEqual(Array(500).fill(40));
  });
});

describe('splitSeries at a change of spacing', () => {
  it('splits where thin slices turn thick, with and without a step between', () => {
    const thin = evenly(10, 2.5);
    const touching = [...thin, ...evenly(10, 5, 27.5)];
    expect(splitSeries(makeStack(touching)).map(({ label, images }) => [label, images.length])).toEqual([
      ['2.5 mm apart', 10],
      ['5 mm apart', 10],
    ]);
    const direct = [...thin, ...evenly(10, 5, 22.5 + 5)];
    expect(sizes(makeStack(direct))).toEqual([10, 10]);
    const half = [...thin, ...evenly(10, 5, 22.5 + 3.75)];
    expect(sizes(makeStack(half))).toEqual([10, 10]);
  });

  it('never splits at a missing slice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 40 }),
        fc.nat(1000),
        fc.integer({ min: 1, max: 3 }),
        (count, pick, lost) => {
          const at = 1 + (pick % (count - 2));
          const heights = evenly(count).filter((_, index) => index < at || index >= at + lost);
          expect(sizes(makeStack(heights))).toEqual([heights.length]);
        },
      ),
    );
  });

  it('takes a spacing that comes back for missing slices', () => {
    const heights = [...evenly(6), ...evenly(4, 2, 7), ...evenly(6, 1, 14)];
    expect(sizes(makeStack(heights))).toEqual([heights.length]);
  });
});
