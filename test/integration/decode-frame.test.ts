import { describe, expect, it } from 'vitest';
import { openPixelData } from '../../main/core/dicom/pixels/open-pixel-data.ts';
import { PixelDataError } from '../../main/core/dicom/pixels/pixel-data-error.ts';
import { writeModalityValues } from '../../main/core/dicom/pixels/write-modality-values.ts';
import { decodeFrame } from '../../main/engine/decode/decode-frame.ts';
import { deflateRawSync } from 'node:zlib';
import { encodeFrame } from '../fixtures/encode-frame.ts';
import type { EncoderName } from '../fixtures/encode-frame.ts';
import { bytesOf, encapsulate, makeDicom } from '../fixtures/make-dicom.ts';
import type { ImageFields } from '../fixtures/make-dicom.ts';

const rows = 48;
const columns = 64;

/** A smooth ramp with noise over the whole range of the stored bits, both ends included. */
function picture(bitsStored: number, signed: boolean): number[] {
  const range = 2 ** bitsStored;
  const low = signed ? -range / 2 : 0;
  let state = 7;
  const values = Array.from({ length: rows * columns }, (_, index) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    const ramp = (index / (rows * columns)) * range * 0.8;
    return low + Math.min(range - 1, Math.floor(ramp + ((state >> 16) % (range / 8))));
  });
  values[0] = low;
  values[values.length - 1] = low + range - 1;
  return values;
}

function storedBytes(values: readonly number[], bitsStored: number): Uint8Array {
  return bitsStored <= 8 ? Uint8Array.from(values) : bytesOf(Int16Array.from(values));
}

async function decode(file: Uint8Array): Promise<number[]> {
  const pixels = openPixelData(file);
  const samples = await decodeFrame(pixels, 0);
  const target = new Float32Array(pixels.layout.rows * pixels.layout.columns);
  writeModalityValues(samples, pixels.layout, { slope: 1, intercept: 0 }, target, 0);
  return [...target];
}

const syntaxes: Readonly<Record<EncoderName, readonly string[]>> = {
  jpeg: ['1.2.840.10008.1.2.4.57', '1.2.840.10008.1.2.4.70'],
  'jpeg-ls': ['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.4.81'],
  'jpeg-2000': ['1.2.840.10008.1.2.4.90', '1.2.840.10008.1.2.4.91'],
  htj2k: ['1.2.840.10008.1.2.4.201', '1.2.840.10008.1.2.4.202', '1.2.840.10008.1.2.4.203'],
};
const depths = [
  [8, false],
  [12, false],
  [12, true],
  [16, false],
  [16, true],
] as const;
const cases = (Object.keys(syntaxes) as EncoderName[]).flatMap((name) =>
  depths.map(([bitsStored, signed]) => ({ name, bitsStored, signed, sign: signed ? 'signed' : 'unsigned' })),
);

describe('lossless frames come back value for value', () => {
  it.each(cases)('$name, $bitsStored bits $sign', async ({ name, bitsStored, signed }) => {
    const values = picture(bitsStored, signed);
    const samples = storedBytes(values, bitsStored);
    const fragment = await encodeFrame(name, { samples, rows, columns, bitsStored, signed });
    const image: ImageFields = { rows, columns, bitsAllocated: bitsStored <= 8 ? 8 : 16, bitsStored, signed };
    for (const compressed of syntaxes[name]) {
      expect(await decode(makeDicom(image, { compressed }, encapsulate([fragment]))), compressed).toEqual(
        values,
      );
    }
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('JPEG with predictor %i', async (predictor) => {
    const values = picture(16, true);
    const frame = {
      samples: storedBytes(values, 16),
      rows,
      columns,
      bitsStored: 16,
      signed: true,
      predictor,
    };
    const fragment = await encodeFrame('jpeg', frame);
    const image = { rows, columns, signed: true };
    const file = makeDicom(image, { compressed: syntaxes.jpeg[0]! }, encapsulate([fragment]));
    expect(await decode(file)).toEqual(values);
  });

  it('8 bits stored in 16', async () => {
    const values = picture(8, false);
    const samples = storedBytes(values, 8);
    const fragment = await encodeFrame('jpeg-ls', { samples, rows, columns, bitsStored: 8, signed: false });
    const image = { rows, columns, bitsAllocated: 16, bitsStored: 8 };
    expect(
      await decode(makeDicom(image, { compressed: syntaxes['jpeg-ls'][0]! }, encapsulate([fragment]))),
    ).toEqual(values);
  });

  it('deflated frame by frame', async () => {
    const values = picture(12, true);
    const fragment = deflateRawSync(storedBytes(values, 12));
    const image = { rows, columns, bitsStored: 12, signed: true };
    const file = makeDicom(image, { compressed: '1.2.840.10008.1.2.8.1' }, encapsulate([fragment]));
    expect(await decode(file)).toEqual(values);
  });

  it('whose codestream contradicts the header about the sign: the header decides', async () => {
    const values = picture(12, true);
    const unsigned = values.map((value) => value & 0xfff);
    const samples = storedBytes(unsigned, 12);
    for (const name of ['jpeg-2000', 'htj2k'] as const) {
      const fragment = await encodeFrame(name, { samples, rows, columns, bitsStored: 12, signed: false });
      const image = { rows, columns, bitsStored: 12, signed: true };
      expect(
        await decode(makeDicom(image, { compressed: syntaxes[name][0]! }, encapsulate([fragment]))),
      ).toEqual(values);
    }
  });
});

describe('lossy JPEG stays near the original', () => {
  // Quality 90 of the encoder; a wrong scale, sign or precision would be off by hundreds.
  it.each([
    [8, '1.2.840.10008.1.2.4.50'],
    [8, '1.2.840.10008.1.2.4.51'],
  ])('%i bits, %s', async (bitsStored, compressed) => {
    const values = Array.from({ length: rows * columns }, (_, index) => {
      const wave = 0.5 + 0.4 * Math.sin((index % columns) / 9) * Math.cos(Math.floor(index / columns) / 7);
      return Math.floor(wave * (2 ** bitsStored - 1));
    });
    const samples = storedBytes(values, bitsStored);
    const fragment = await encodeFrame('jpeg', {
      samples,
      rows,
      columns,
      bitsStored,
      signed: false,
      lossy: true,
    });
    const image = { rows, columns, bitsAllocated: bitsStored <= 8 ? 8 : 16, bitsStored };
    const decoded = await decode(makeDicom(image, { compressed }, encapsulate([fragment])));
    const worst = decoded.reduce((most, value, index) => Math.max(most, Math.abs(value - values[index]!)), 0);
    expect(worst).toBeLessThan(0.02 * 2 ** bitsStored);
  });
});

describe('12-bit JPEG', () => {
  it.each([
    ['1.2.840.10008.1.2.4.51', 0xc1],
    ['1.2.840.10008.1.2.4.55', 0xc2],
  ])('%s, frame header %i', async (compressed, marker) => {
    const image = { rows: 8, columns: 16, bitsStored: 12 };
    const decoded = await decode(makeDicom(image, { compressed }, encapsulate([twoBlocks(marker)])));
    const left = decoded.filter((_, index) => index % 16 < 8);
    const right = decoded.filter((_, index) => index % 16 >= 8);
    expect([new Set(left), new Set(right)]).toEqual([new Set([3000]), new Set([100])]);
  });

  /** T.81: two 8 × 8 blocks of one value each, 3000 and 100; quantised by 1, so that DC is 8 · (value − 2048). */
  function twoBlocks(marker: number): Uint8Array {
    const quantisation = [0xff, 0xdb, 0, 67, 0, ...Array<number>(64).fill(1)];
    const frame = [0xff, marker, 0, 11, 12, 0, 8, 0, 16, 1, 1, 0x11, 0];
    // DC: codes 0 and 10 for 13 and 15 bits of difference. AC: code 0 for the end of the block.
    const dcTable = [0xff, 0xc4, 0, 21, 0x00, 1, 1, ...Array<number>(14).fill(0), 13, 15];
    const acTable = [0xff, 0xc4, 0, 20, 0x10, 1, ...Array<number>(15).fill(0), 0];
    // Progressive: a scan of DC, then one of AC with nothing but two ends of block.
    const progressive = marker === 0xc2;
    const scan = [0xff, 0xda, 0, 8, 1, 1, 0x00, 0, progressive ? 0 : 63, 0];
    const first = 8 * (3000 - 2048);
    const second = 8 * (100 - 2048) - first;
    const endOfBlock = progressive ? '' : '0';
    // A negative difference of n bits is written as itself + 2ⁿ − 1.
    const bits =
      '0' +
      first.toString(2).padStart(13, '0') +
      endOfBlock +
      '10' +
      (second + 2 ** 15 - 1).toString(2).padStart(15, '0') +
      endOfBlock;
    const data = [];
    for (let at = 0; at < bits.length; at += 8) {
      const byte = Number.parseInt(bits.slice(at, at + 8).padEnd(8, '1'), 2);
      data.push(byte, ...(byte === 0xff ? [0] : []));
    }
    const rest = progressive ? [0xff, 0xda, 0, 8, 1, 1, 0x00, 1, 63, 0, 0x3f] : [];
    const tables = [...quantisation, ...frame, ...dcTable, ...acTable];
    return Uint8Array.of(0xff, 0xd8, ...tables, ...scan, ...data, ...rest, 0xff, 0xd9);
  }
});

describe('damaged and hostile frames are refused', () => {
  const lossless = { rows, columns, bitsStored: 16, signed: true };
  const fileWith = (name: EncoderName, fragment: Uint8Array, image: ImageFields = lossless) =>
    makeDicom(image, { compressed: syntaxes[name][0]! }, encapsulate([fragment]));
  const encoded = (name: EncoderName) =>
    encodeFrame(name, { ...lossless, samples: storedBytes(picture(16, true), 16) });
  const names = Object.keys(syntaxes) as EncoderName[];

  it.each(names)('%s: another size than the header says', async (name) => {
    const fragment = await encoded(name);
    const image = { ...lossless, rows: 60000, columns: 60000 };
    await expect(decode(fileWith(name, fragment, image))).rejects.toThrow('64 × 48 pixels of 1 components');
  });

  it('JPEG 2000 that claims 60000 × 60000 pixels as its header does', async () => {
    for (const name of ['jpeg-2000', 'htj2k'] as const) {
      const fragment = (await encoded(name)).slice();
      const size = new DataView(fragment.buffer, fragment.byteOffset);
      for (const at of [8, 12, 24, 28]) size.setUint32(at, 60000);
      const image = { ...lossless, rows: 60000, columns: 60000 };
      await expect(decode(fileWith(name, fragment, image))).rejects.toThrow(PixelDataError);
    }
  });

  it.each(names)('%s: cut at every tenth, with and without an end marker', async (name) => {
    const whole = await encoded(name);
    for (let tenth = 0; tenth < 10; tenth++) {
      const cut = whole.slice(0, Math.floor((whole.length * tenth) / 10));
      await expect(decode(fileWith(name, cut))).rejects.toThrow(PixelDataError);
      const ended = Uint8Array.of(...cut, 0xff, 0xd9);
      // A decoder may fill in what is missing, but neither hang nor crash nor throw anything else.
      await decode(fileWith(name, ended)).catch((error: unknown) =>
        expect(error).toBeInstanceOf(PixelDataError),
      );
    }
    // The codec is as good as before.
    expect(await decode(fileWith(name, whole))).toEqual(picture(16, true));
  });

  it.each(names)('%s: bytes overwritten anywhere', async (name) => {
    const whole = await encoded(name);
    for (let at = 2; at < whole.length - 2; at += Math.ceil(whole.length / 40)) {
      const damaged = whole.slice();
      damaged.fill(0xa5, at, Math.min(at + 8, whole.length - 2));
      await decode(fileWith(name, damaged)).catch((error: unknown) =>
        expect(error).toBeInstanceOf(PixelDataError),
      );
    }
    expect(await decode(fileWith(name, whole))).toEqual(picture(16, true));
  });

  it('a codestream of another family than the transfer syntax says', async () => {
    await expect(decode(fileWith('jpeg', await encoded('jpeg-ls')))).rejects.toThrow(
      'a jpeg-ls codestream in a file that says jpeg',
    );
    await expect(decode(fileWith('htj2k', await encoded('jpeg')))).rejects.toThrow(
      'a jpeg-lossless codestream in a file that says htj2k',
    );
  });

  it('a deflated frame that inflates past the image, or not far enough', async () => {
    const file = (bytes: number) =>
      makeDicom(
        lossless,
        { compressed: '1.2.840.10008.1.2.8.1' },
        encapsulate([deflateRawSync(new Uint8Array(bytes))]),
      );
    await expect(decode(file(1 << 24))).rejects.toThrow('grows past 6145 bytes');
    await expect(decode(file(1000))).rejects.toThrow('1000 bytes of 6144');
  });
});
