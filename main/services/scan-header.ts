import { open } from 'node:fs/promises';
import { parseHeader } from '../core/dicom/read/parse-header.ts';
import type { HeaderRead } from '../core/dicom/read/parse-header.ts';

/** Holds the header of nearly every CT and MR file; one more read costs less than reading more of every file. */
const firstReadBytes = 32 * 1024;

export type FileHeader = Exclude<HeaderRead, { readonly kind: 'needs' }> & { readonly fileBytes: number };

/** Reads the header of a file and nothing behind it; `first` is a buffer to reuse. Throws what the file system throws. */
export async function scanHeader(file: string, first: Uint8Array): Promise<FileHeader> {
  const handle = await open(file);
  try {
    const { size: fileBytes } = await handle.stat();
    let buffer = first;
    let filled = 0;
    for (let wanted = buffer.length; ;) {
      if (wanted > buffer.length) {
        const larger = new Uint8Array(wanted);
        larger.set(buffer.subarray(0, filled));
        buffer = larger;
      }
      const { bytesRead } = await handle.read(buffer, filled, wanted - filled, filled);
      filled += bytesRead;
      // A file that shrank since its size was asked ends where reading it ended.
      const length = bytesRead === 0 ? filled : Math.max(fileBytes, filled);
      const read = parseHeader(buffer.subarray(0, filled), length);
      if (read.kind !== 'needs') return { ...read, fileBytes: length };
      wanted = Math.max(read.bytes, filled + 1);
    }
  } finally {
    await handle.close();
  }
}

export function headerBuffer(): Uint8Array {
  return new Uint8Array(firstReadBytes);
}
