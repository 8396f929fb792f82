/** A file says it is DICOM and cannot be read as such; the message names the cause in plain words. */
export class DicomFormatError extends Error {
  override readonly name = 'DicomFormatError';
}
