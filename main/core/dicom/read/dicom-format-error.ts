import type { FileFlaw } from '../file-flaw.ts';
import { describeFlaw } from './describe-flaw.ts';

/** A file says it is DICOM and cannot be read as such; the message names the cause in plain words. */
export class DicomFormatError extends Error {
  override readonly name = 'DicomFormatError';
  readonly flaw: FileFlaw;
  constructor(flaw: FileFlaw) {
    super(describeFlaw(flaw));
    this.flaw = flaw;
  }
}
