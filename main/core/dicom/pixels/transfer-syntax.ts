import { PixelDataError } from './pixel-data-error.ts';

/** How the bytes of a frame are encoded (PS3.5 section 10 and Annex A). */
export type FrameEncoding =
  | 'native-little-endian'
  | 'native-big-endian'
  | 'deflated-frame'
  | 'rle'
  /** The JPEG family of ISO 10918: the frame itself says whether it is 8 or 12 bits, lossy or lossless. */
  | 'jpeg'
  | 'jpeg-ls'
  | 'jpeg-2000'
  | 'htj2k';

const encodings: Readonly<Record<string, FrameEncoding>> = {
  '1.2.840.10008.1.2': 'native-little-endian',
  '1.2.840.10008.1.2.1': 'native-little-endian',
  // The whole data set is deflated: by the time the pixels are looked for, it is inflated.
  '1.2.840.10008.1.2.1.99': 'native-little-endian',
  '1.2.840.10008.1.2.2': 'native-big-endian',
  '1.2.840.10008.1.2.5': 'rle',
  '1.2.840.10008.1.2.8.1': 'deflated-frame',
  '1.2.840.10008.1.2.4.50': 'jpeg',
  '1.2.840.10008.1.2.4.51': 'jpeg',
  // Retired, still in archives: full progression and spectral selection, 8 and 12 bits.
  '1.2.840.10008.1.2.4.53': 'jpeg',
  '1.2.840.10008.1.2.4.55': 'jpeg',
  '1.2.840.10008.1.2.4.57': 'jpeg',
  '1.2.840.10008.1.2.4.70': 'jpeg',
  '1.2.840.10008.1.2.4.80': 'jpeg-ls',
  '1.2.840.10008.1.2.4.81': 'jpeg-ls',
  '1.2.840.10008.1.2.4.90': 'jpeg-2000',
  '1.2.840.10008.1.2.4.91': 'jpeg-2000',
  '1.2.840.10008.1.2.4.201': 'htj2k',
  '1.2.840.10008.1.2.4.202': 'htj2k',
  '1.2.840.10008.1.2.4.203': 'htj2k',
};

/** Throws PixelDataError for a transfer syntax that is not decoded (video, JPIP, JPEG XL, …), by its UID. */
export function frameEncodingOf(transferSyntaxUid: string): FrameEncoding {
  const encoding = encodings[transferSyntaxUid];
  if (!encoding) throw new PixelDataError(`transfer syntax ${transferSyntaxUid} is not supported`);
  return encoding;
}

export function isNative(encoding: FrameEncoding): boolean {
  return encoding === 'native-little-endian' || encoding === 'native-big-endian';
}
