/** The bytes are not a NIfTI file that can be segmented; the message says why, in plain words. */
export class NiftiFormatError extends Error {
  override readonly name = 'NiftiFormatError';
}
