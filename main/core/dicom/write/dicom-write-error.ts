/** A value that DICOM cannot hold, e.g. pixel data beyond 4 GiB; the message says which and why. */
export class DicomWriteError extends Error {
  override readonly name = 'DicomWriteError';
}
