/** The pixels of a DICOM file cannot be used; the message says why, in plain words. */
export class PixelDataError extends Error {
  override readonly name = 'PixelDataError';
}
