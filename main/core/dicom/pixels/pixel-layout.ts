import { number, string } from '../read/element-set.ts';
import type { ElementSet } from '../read/element-set.ts';
import { PixelDataError } from './pixel-data-error.ts';

/** What the header says about the stored samples (PS3.3 C.7.6.3). */
export interface PixelLayout {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly bitsAllocated: 8 | 16 | 32;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** Pixel Padding Value and Range Limit, stored values, ascending; null if there is no padding. */
  readonly padding: { readonly low: number; readonly high: number } | null;
}

/**
 * Reads the layout of a grey image. MONOCHROME1 is a matter of display (low values shown bright, PS3.3 C.7.6.3.1.2):
 * stored and modality values mean the same as in MONOCHROME2, so it is accepted and nothing is inverted.
 * Throws PixelDataError for colour, for sizes that are no image, and for a bit layout no device writes.
 */
export function readPixelLayout(dataSet: ElementSet): PixelLayout {
  const rows = required(dataSet, 'x00280010', 'Rows');
  const columns = required(dataSet, 'x00280011', 'Columns');
  const bitsAllocated = required(dataSet, 'x00280100', 'Bits Allocated');
  const bitsStored = number(dataSet, 'x00280101', 'US') ?? bitsAllocated;
  const highBit = number(dataSet, 'x00280102', 'US') ?? bitsStored - 1;
  const samples = number(dataSet, 'x00280002', 'US') ?? 1;
  const photometric = string(dataSet, 'x00280004') || 'MONOCHROME2';
  const frames = number(dataSet, 'x00280008', 'IS') ?? 1;
  if (samples !== 1 || !photometric.startsWith('MONOCHROME')) {
    throw new PixelDataError(`not a grey image (${photometric}, ${samples} samples a pixel)`);
  }
  if (bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32) {
    throw new PixelDataError(`${bitsAllocated} bits allocated a pixel are not supported`);
  }
  if (bitsStored < 1 || highBit >= bitsAllocated || highBit + 1 < bitsStored) {
    throw new PixelDataError(
      `contradictory bits: ${bitsAllocated} allocated, ${bitsStored} stored, highest ${highBit}`,
    );
  }
  if (rows === 0 || columns === 0) throw new PixelDataError(`an image of ${columns} × ${rows} pixels`);
  if (!Number.isInteger(frames) || frames < 1) throw new PixelDataError(`Number of Frames is ${frames}`);
  const signed = number(dataSet, 'x00280103', 'US') === 1;
  return {
    rows,
    columns,
    frames,
    bitsAllocated,
    bitsStored,
    highBit,
    signed,
    padding: paddingOf(dataSet, signed),
  };
}

/** Bytes of one frame as it lies in memory when decoded. */
export function frameBytes(layout: PixelLayout): number {
  return (layout.rows * layout.columns * layout.bitsAllocated) / 8;
}

function required(dataSet: ElementSet, tag: string, name: string): number {
  const value = number(dataSet, tag, 'US');
  if (value === null) throw new PixelDataError(`${name} is missing`);
  return value;
}

function paddingOf(dataSet: ElementSet, signed: boolean): PixelLayout['padding'] {
  // US or SS by Pixel Representation, whatever the file wrote.
  const read = (tag: string) => {
    const value = number(dataSet, tag, 'US');
    return value !== null && signed ? (value << 16) >> 16 : value;
  };
  const value = read('x00280120');
  if (value === null) return null;
  const limit = read('x00280121') ?? value;
  return { low: Math.min(value, limit), high: Math.max(value, limit) };
}
