import { readFileSync } from 'node:fs';
import dicomParser from 'dicom-parser';
import { describe, expect, it } from 'vitest';
import { readSeg } from '../../../../../main/core/dicom/seg/read-seg.ts';
import { writeBinarySeg } from '../../../../../main/core/dicom/seg/write-binary-seg.ts';
import { writeLabelmapSeg } from '../../../../../main/core/dicom/seg/write-labelmap-seg.ts';
import { SegFormatError } from '../../../../../main/core/dicom/seg/seg-format-error.ts';
import { makeLabel } from '../../../../../main/core/model/coded-terms.ts';
import type { DicomFile } from '../../../../../main/core/dicom/write/encode-file.ts';
import type { FrameRef } from '../../../../../main/core/dicom/study.ts';
import type { Vec3 } from '../../../../../main/core/volume/volume.ts';
import { describeShared, sharedData } from '../../../../shared-data.ts';
import { makeSegInput, obliqueGrid, segLabels } from './seg-fixture.ts';

function bytesOf(file: DicomFile): Uint8Array {
  const pieces: Buffer[] = [];
  // A piece is still being written, and read here, when the next one has been made.
  let last: Uint8Array = new Uint8Array();
  for (const piece of file.pieces) {
    pieces.push(Buffer.from(last));
    last = piece;
  }
  const bytes = Uint8Array.from(Buffer.concat([...pieces, last]));
  expect(bytes).toHaveLength(file.sizeBytes);
  return bytes;
}

/** Segment numbers of a BINARY object back to the label values of the model, by name. */
function byLabelValue({ labelmap, segments }: ReturnType<typeof readSeg>): Uint8Array {
  const values = new Map(
    segments.map(({ number, label }) => [number, segLabels.find((l) => l.name === label)!.value]),
  );
  return labelmap.labels.map((number) => values.get(number) ?? 0);
}

// 11 x 13 pixels: frames end inside a byte; 8 x 8: they end on one; one row of three pixels: several frames share one.
const shapes: readonly Vec3[] = [
  [6, 11, 13],
  [4, 8, 8],
  [9, 1, 3],
];

describe('round trip', () => {
  it.each(shapes)('BINARY gives back every voxel of %i x %i x %i', (...shape) => {
    const input = makeSegInput(shape);
    const read = readSeg(bytesOf(writeBinarySeg(input)), input.labelmap.grid);
    expect(byLabelValue(read)).toEqual(input.labelmap.labels);
    expect(read.overlappingVoxels).toBe(0);
    expect(read.frameOfReferenceUid).toBe('2.25.30');
  });

  it('BINARY packs runs of any length at any bit', () => {
    const shape: Vec3 = [5, 13, 17];
    const values = [0, ...segLabels.map(({ value }) => value)];
    const labels = new Uint8Array(5 * 13 * 17);
    for (let at = 0, run = 1; at < labels.length; at += run, run = (run * 7 + 3) % 41)
      labels.fill(values[run % values.length]!, at, at + run);
    const input = makeSegInput(shape, { labels });
    expect(byLabelValue(readSeg(bytesOf(writeBinarySeg(input)), input.labelmap.grid))).toEqual(labels);
  });

  it.each(shapes)('LABELMAP gives back every voxel and its value of %i x %i x %i', (...shape) => {
    const input = makeSegInput(shape);
    const read = readSeg(bytesOf(writeLabelmapSeg(input)));
    expect(read.labelmap.labels).toEqual(input.labelmap.labels);
    expect(read.segments).toEqual(segLabels.map(({ value, name }) => ({ number: value, label: name })));
    expectSameGrid(read.labelmap.grid, input.labelmap.grid);
  });

  it('BINARY without a grid spans the planes that hold labels', () => {
    const { labelmap } = readSeg(bytesOf(writeBinarySeg(makeSegInput([6, 11, 13]))));
    const full = obliqueGrid([6, 11, 13]);
    expectSameGrid(labelmap.grid, {
      ...full,
      shapeZyx: [4, 11, 13],
      originLps: full.originLps.map((o, a) => o + 2.5 * full.directionsZyx[0][a]!) as unknown as Vec3,
    });
  });

  it('writes a valid object for a result without any label', () => {
    const labels = new Uint8Array(6 * 11 * 13);
    const input = makeSegInput([6, 11, 13], { labels });
    expect(readSeg(bytesOf(writeBinarySeg(input)), input.labelmap.grid).labelmap.labels).toEqual(labels);
    expect(readSeg(bytesOf(writeLabelmapSeg(input))).labelmap.labels).toEqual(labels);
  });

  it('refuses a label that nobody described', () => {
    const labels = new Uint8Array(6 * 11 * 13).fill(5);
    const input = makeSegInput([6, 11, 13], { labels });
    expect(() => writeBinarySeg(input)).toThrow(/label 5/);
    expect(() => writeLabelmapSeg(input)).toThrow(/label 5/);
  });
});

function expectSameGrid(
  actual: ReturnType<typeof obliqueGrid>,
  expected: ReturnType<typeof obliqueGrid>,
): void {
  expect(actual.shapeZyx).toEqual(expected.shapeZyx);
  // Decimal strings of 16 characters keep a nanometre.
  const close = (a: Vec3, b: Vec3) => a.forEach((value, i) => expect(value).toBeCloseTo(b[i]!, 6));
  close(actual.spacingZyxMm, expected.spacingZyxMm);
  close(actual.originLps, expected.originLps);
  for (const axis of [0, 1, 2] as const) close(actual.directionsZyx[axis], expected.directionsZyx[axis]);
}

/** The references of each frame: [instance, frame number, spatial locations preserved], in order. */
function derivations(bytes: Uint8Array): (string | number | undefined)[][][] {
  const frames = dicomParser.parseDicom(bytes).elements['x52009230']!.items!;
  return frames.map((frame) => {
    const derivation = frame.dataSet!.elements['x00089124']!.items![0]!.dataSet!;
    return derivation.elements['x00082112']!.items!.map(({ dataSet }) => [
      dataSet!.string('x00081155'),
      dataSet!.intString('x00081160'),
      dataSet!.string('x0028135a'),
    ]);
  });
}

describe('references to the source', () => {
  it('names the image of each plane', () => {
    expect(derivations(bytesOf(writeLabelmapSeg(makeSegInput([3, 2, 2]))))).toEqual(
      [0, 1, 2].map((z) => [[`2.25.100${z}`, undefined, 'YES']]),
    );
  });

  it('says that resheared planes do not lie where their images do', () => {
    const assembly = { kind: 'reshear', shiftYMm: [0, 1, 2], shiftXMm: [0, 0, 0] } as const;
    expect(derivations(bytesOf(writeLabelmapSeg(makeSegInput([3, 2, 2], { assembly }))))[2]).toEqual([
      ['2.25.1002', undefined, 'NO'],
    ]);
  });

  it('names both images around a resampled plane, and the one on an exact one', () => {
    const grid = obliqueGrid([3, 2, 2]);
    const positionsMm = [0, 2.4, 5];
    const frames = positionsMm.map((depth, z): FrameRef => ({
      ...makeSegInput().source.volume.frames[z]!,
      positionLps: grid.originLps.map((o, a) => o + depth * grid.directionsZyx[0][a]!) as unknown as Vec3,
    }));
    const assembly = { kind: 'resample', positionsMm } as const;
    expect(derivations(bytesOf(writeLabelmapSeg(makeSegInput([3, 2, 2], { assembly, frames }))))).toEqual([
      [['2.25.1000', undefined, 'YES']],
      [
        ['2.25.1001', undefined, 'NO'],
        ['2.25.1002', undefined, 'NO'],
      ],
      [['2.25.1002', undefined, 'YES']],
    ]);
  });

  it('names the frames of a multi-frame image, and the instance once', () => {
    const [first] = makeSegInput().source.volume.frames;
    const frames = [0, 1, 2].map((frame) => ({ ...first!, frame }));
    const bytes = bytesOf(writeLabelmapSeg(makeSegInput([3, 2, 2], { frames })));
    expect(derivations(bytes)).toEqual([0, 1, 2].map((z) => [['2.25.1000', z + 1, 'YES']]));
    const series = dicomParser.parseDicom(bytes).elements['x00081115']!.items![0]!.dataSet!;
    expect(series.elements['x0008114a']!.items).toHaveLength(1);
  });
});

function refusalOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return (error as Error).name;
  }
}

describe('descriptions of segments', () => {
  const codesOf = (bytes: Uint8Array) =>
    dicomParser.parseDicom(bytes).elements['x00620002']!.items!.flatMap(({ dataSet }) => {
      const item = (set: typeof dataSet, tag: string) => set?.elements[tag]?.items?.[0]?.dataSet;
      if (dataSet!.string('x00620005') === 'Background') return [];
      const type = item(dataSet, 'x0062000f');
      const region = item(dataSet, 'x00082218');
      const parts = [type, item(type, 'x00620011'), region, item(region, 'x00082220')];
      return [parts.map((part) => part?.string('x00080104'))];
    });
  const names = ['kidney_left', 'kidney_right', 'kidney_cyst_left', 'kidney_cyst_right', 'liver'];

  it('codes left and right apart, and where a finding lies', () => {
    const labels = Uint8Array.from({ length: 6 * 11 * 13 }, (_, index) => index % 6);
    const input = {
      ...makeSegInput([6, 11, 13], { labels }),
      labels: names.map((name, index) => makeLabel(index + 1, name)),
    };
    for (const write of [writeBinarySeg, writeLabelmapSeg]) {
      expect(codesOf(bytesOf(write(input)))).toEqual([
        ['Kidney', 'Left', undefined, undefined],
        ['Kidney', 'Right', undefined, undefined],
        ['Cyst', undefined, 'Kidney', 'Left'],
        ['Cyst', undefined, 'Kidney', 'Right'],
        ['Liver', undefined, undefined, undefined],
      ]);
    }
  });

  it('explains codes of our own', () => {
    const schemeOf = (name: string) => {
      const labels = [1, 2, 7].map((value) => makeLabel(value, name));
      const bytes = bytesOf(writeBinarySeg({ ...makeSegInput(), labels }));
      const items = dicomParser.parseDicom(bytes).elements['x00080110']?.items;
      return items?.map(({ dataSet }) => dataSet!.string('x00080102'));
    };
    expect(schemeOf('an unknown thing')).toEqual(['99THINSLICE']);
    expect(schemeOf('liver')).toBeUndefined();
  });

  it('counts positions without gaps, whatever planes are empty', () => {
    const labels = new Uint8Array(6 * 4);
    for (const plane of [1, 2, 5]) labels.fill(1, plane * 4, plane * 4 + 2);
    const bytes = bytesOf(writeBinarySeg(makeSegInput([6, 2, 2], { labels })));
    const frames = dicomParser.parseDicom(bytes).elements['x52009230']!.items!;
    const indices = frames.map(({ dataSet }) => {
      const content = dataSet!.elements['x00209111']!.items![0]!.dataSet!;
      return [0, 1].map((index) => content.uint32('x00209157', index));
    });
    expect(indices).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
  });
});

describe('reading hostile files', () => {
  it('refuses files cut off at every tenth of its length', () => {
    for (const write of [writeBinarySeg, writeLabelmapSeg]) {
      const bytes = bytesOf(write(makeSegInput()));
      for (let tenth = 0; tenth < 10; tenth++) {
        const cut = bytes.subarray(0, Math.floor((bytes.length * tenth) / 10));
        expect(refusalOf(() => readSeg(cut))).toMatch(/SegFormatError|PixelDataError/);
      }
    }
  });

  it('refuses more planes than a labelmap holds', () => {
    const input = makeSegInput([3, 2, 2]);
    const far = { ...input.labelmap.grid, spacingZyxMm: [1e9, 1, 1] as Vec3 };
    const bytes = bytesOf(writeLabelmapSeg({ ...input, labelmap: { ...input.labelmap, grid: far } }));
    // 1e9 mm apart, said to be 1 µm apart: (0018,0088) and (0018,0050) are both `1000000000`.
    const text = Buffer.from(bytes);
    for (
      let at = text.indexOf('DS\n\u0000' + '1000000000');
      at >= 0;
      at = text.indexOf('DS\n\u0000' + '1000000000')
    ) {
      text.write('0.00000001', at + 4);
    }
    expect(() => readSeg(Uint8Array.from(text))).toThrow(SegFormatError);
  });
});

describeShared('SEG objects of others', () => {
  it.each(['liver', 'liver_rle', 'liver_deflate', 'liver_nonbyte_aligned'])('reads %s', (name) => {
    const bytes = Uint8Array.from(readFileSync(`${sharedData}/robust/odd-files/seg/${name}.dcm`));
    const { labelmap, segments } = readSeg(bytes);
    const [planes, rows, columns] = labelmap.grid.shapeZyx;
    const counts = Array.from({ length: planes }, (_, z) => {
      const plane = labelmap.labels.subarray(z * rows * columns, (z + 1) * rows * columns);
      return plane.reduce((count, value) => count + value, 0);
    });
    expect(counts).toEqual([36233, 35645, 35220]);
    expect(segments).toEqual([{ number: 1, label: 'Liver' }]);
  });
});
