/** A file that is no segmentation we can turn into a labelmap; the message says why, in plain words. */
export class SegFormatError extends Error {
  override readonly name = 'SegFormatError';
}
