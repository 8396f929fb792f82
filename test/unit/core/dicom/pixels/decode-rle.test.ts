import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRle } from '../../../../../main/core/dicom/pixels/decode-rle.ts';
import { PixelDataError } from '../../../../../main/core/dicom/pixels/pixel-data-error.ts';

describe('decodeRle', () => {
  it('decodes literal and replicate runs of one segment (PS3.5 G.3.2)', () => {
    const segment = [2, 10, 11, 12, 256 - 3, 7, 128, 0, 42, 0];
    expect([...decodeRle(frame([segment]), 8, 1)]).toEqual([10, 11, 12, 7, 7, 7, 7, 42]);
  });

  it('puts the most significant byte plane last in memory', () => {
    const high = [1, 0x12, 0x34];
    const low = [1, 0x56, 0x78];
    const decoded = decodeRle(frame([high, low]), 2, 2);
    expect([...new Uint16Array(decoded.buffer)]).toEqual([0x1256, 0x3478]);
  });

  it('gives back what any PackBits encoding holds', () => {
    const runs = fc.array(
      fc.oneof(
        fc.array(fc.nat(255), { minLength: 1, maxLength: 128 }).map((values) => ({ values, repeat: 0 })),
        fc
          .tuple(fc.nat(255), fc.integer({ min: 2, max: 128 }))
          .map(([value, repeat]) => ({ values: [value], repeat })),
      ),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(runs, (parts) => {
        const expected = parts.flatMap(({ values, repeat }) =>
          repeat ? Array(repeat).fill(values[0]) : values,
        );
        const segment = parts.flatMap(({ values, repeat }) =>
          repeat ? [257 - repeat, values[0]!] : [values.length - 1, ...values],
        );
        expect([...decodeRle(frame([segment]), expected.length, 1)]).toEqual(expected);
      }),
    );
  });

  it.each([
    ['a frame shorter than its header', new Uint8Array(63), 'cut short'],
    ['another number of segments', frame([[0, 1]], { count: 2 }), 'has 2 segments and needs 1'],
    ['an offset into the header', frame([[0, 1]], { offsets: [8] }), 'outside its frame'],
    ['an offset behind the frame', frame([[0, 1]], { offsets: [0xffffffff] }), 'outside its frame'],
    ['a segment that ends early', frame([[1, 5, 6]]), 'segment is cut short'],
    ['a literal run past the end', frame([[127, 5, 6]]), 'segment is cut short'],
    ['nothing but no-operations', frame([Array(1000).fill(128)]), 'segment is cut short'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeRle(bytes, 4, 1)).toThrow(message);
    expect(() => decodeRle(bytes, 4, 1)).toThrow(PixelDataError);
  });

  it('refuses more pixels than its bytes can become, before allocating them', () => {
    const runs = Array.from({ length: 8 }, () => [257 - 128, 7]).flat();
    expect(decodeRle(frame([runs]), 8 * 128, 1)).toEqual(new Uint8Array(8 * 128).fill(7));
    // 65535 × 65535 pixels would be an allocation of 4 GiB.
    expect(() => decodeRle(frame([runs]), 65535 * 65535, 1)).toThrow('cannot hold 4294836225 pixels');
  });

  it('never reads or writes outside, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 300 }), (bytes) => {
        bytes.fill(0, 0, 64);
        bytes[0] = 2;
        bytes[4] = 64;
        bytes[8] = 64 + bytes[64]!;
        try {
          expect(decodeRle(bytes, 40, 2)).toHaveLength(80);
        } catch (error) {
          expect(error).toBeInstanceOf(PixelDataError);
        }
      }),
    );
  });
});

function frame(
  segments: readonly (readonly number[])[],
  lies: { count?: number; offsets?: readonly number[] } = {},
): Uint8Array {
  const bytes = new Uint8Array(64 + segments.flat().length);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, lies.count ?? segments.length, true);
  let at = 64;
  for (const [index, segment] of segments.entries()) {
    header.setUint32(4 + 4 * index, lies.offsets?.[index] ?? at, true);
    bytes.set(segment, at);
    at += segment.length;
  }
  return bytes;
}
