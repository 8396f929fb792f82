import type { Result } from '../../contract/app-error.ts';
import { openPixelData } from '../../core/dicom/pixels/open-pixel-data.ts';
import type { PixelLayout } from '../../core/dicom/pixels/pixel-layout.ts';
import { withInputFile } from '../decode/read-input-file.ts';

/** The pixel layout of a DICOM file, its sizes checked against the bytes that are there; nothing is decoded. */
export function probePixels({ path }: { readonly path: string }): Promise<Result<PixelLayout>> {
  return withInputFile(path, (bytes) => openPixelData(bytes).layout);
}
