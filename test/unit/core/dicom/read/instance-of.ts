import type { Instance } from '../../../../../main/core/dicom/read/image-frame.ts';
import { parseHeader } from '../../../../../main/core/dicom/read/parse-header.ts';
import { readInstance } from '../../../../../main/core/dicom/read/read-instance.ts';
import { dicomBytes } from '../../../../fixtures/dicom-bytes.ts';
import type { Fields, FileForm } from '../../../../fixtures/dicom-bytes.ts';

/** What is read of a file with these fields. */
export function instanceOf(fields: Fields, file = '/a/1', form: FileForm = {}): Instance {
  const bytes = dicomBytes(fields, form);
  const read = parseHeader(bytes);
  if (read.kind !== 'header') throw new Error(read.kind);
  return readInstance(file, read.header, bytes.length);
}
