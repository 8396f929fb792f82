import type { ElementSet } from '../read/element-set.ts';
import { locateEncapsulatedFrames } from './locate-encapsulated-frames.ts';
import { parseUpToPixels } from './parse-up-to-pixels.ts';
import { PixelDataError } from './pixel-data-error.ts';
import { frameBytes, readPixelLayout } from './pixel-layout.ts';
import type { PixelLayout } from './pixel-layout.ts';
import { frameEncodingOf, isNative } from './transfer-syntax.ts';
import type { FrameEncoding } from './transfer-syntax.ts';

/** The pixels of one file, found and checked against its length, not decoded yet. */
export interface PixelData {
  readonly layout: PixelLayout;
  readonly encoding: FrameEncoding;
  /** Stored as 16-bit words (OW): a big endian file swaps 8-bit pixels in pairs. */
  readonly inWords: boolean;
  /** The encoded bytes of one frame, from 0: a view of the file's bytes unless the frame was in several fragments. */
  readonly frameAt: (frame: number) => Uint8Array;
}

/**
 * Finds the pixel data of a DICOM file. Every size that the header claims is checked against the bytes that are there,
 * before anything of that size is allocated. Throws PixelDataError.
 */
export function openPixelData(bytes: Uint8Array): PixelData {
  const { dataSet, transferSyntaxUid, pixels } = parseUpToPixels(bytes);
  if (!pixels || pixels.lengthBytes === 0) throw new PixelDataError('the file has no pixel data');
  if (pixels.tag !== 'x7fe00010') throw new PixelDataError('floating-point pixel data are not supported');
  const encoding = transferSyntaxUid === '' ? bareEncoding(dataSet) : frameEncodingOf(transferSyntaxUid);
  const layout = readPixelLayout(dataSet);
  const native = isNative(encoding);
  if (native !== (pixels.lengthBytes !== null)) {
    throw new PixelDataError(
      `pixel data ${native ? 'in fragments' : 'without fragments'} in ${transferSyntaxUid}`,
    );
  }
  const frames =
    pixels.lengthBytes !== null
      ? nativeFrames(dataSet.bytes.subarray(pixels.valueAt), pixels.lengthBytes, layout)
      : locateEncapsulatedFrames(dataSet, pixels.valueAt, layout.frames, encoding);
  return {
    layout,
    encoding,
    inWords: pixels.vr !== 'OB',
    frameAt: (frame) => {
      if (!(frame >= 0 && frame < layout.frames)) {
        throw new PixelDataError(`frame ${frame + 1} does not exist, the file has ${layout.frames}`);
      }
      return frames(frame);
    },
  };
}

/** A data set without meta information is never compressed. */
function bareEncoding({ littleEndian }: ElementSet): FrameEncoding {
  return littleEndian ? 'native-little-endian' : 'native-big-endian';
}

function nativeFrames(rest: Uint8Array, length: number, layout: PixelLayout): (frame: number) => Uint8Array {
  const size = frameBytes(layout);
  const needed = size * layout.frames;
  const present = Math.min(length, rest.length);
  if (present < needed) {
    throw new PixelDataError(`the pixel data are cut short: ${present} bytes of ${needed} are there`);
  }
  return (frame) => rest.subarray(frame * size, (frame + 1) * size);
}
