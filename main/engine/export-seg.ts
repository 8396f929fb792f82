import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { AppFailure } from '../contract/app-error.ts';
import type { ExportRequest } from '../contract/engine-protocol.ts';
import { string } from '../core/dicom/read/element-set.ts';
import { parseHeader } from '../core/dicom/read/parse-header.ts';
import type { SegInput } from '../core/dicom/seg/seg-input.ts';
import { uidFromUuid } from '../core/dicom/write/uid-from-uuid.ts';
import type { Labelmap } from '../core/volume/volume.ts';

type DicomSource = Extract<ExportRequest['source'], { kind: 'dicom' }>;

/** What a SEG object says about a result; each object gets identifiers of its own. */
export async function segInput(
  request: ExportRequest,
  source: DicomSource,
  labelmap: Labelmap,
): Promise<SegInput> {
  const { provenance, model } = request;
  const uid = () => uidFromUuid(randomUUID());
  return {
    labelmap,
    labels: model.labels,
    source: { ...source, lossy: await anyLossy(source.volume.frames.map(({ file }) => file)) },
    algorithm: {
      name: provenance.modelName,
      // A content hash is the only version that cannot lie.
      version: provenance.modelSha256.slice(0, 16),
      parameters: `variant ${provenance.variant}, device ${provenance.device}, geometry ${provenance.geometry}`,
    },
    softwareVersion: provenance.appVersion,
    uids: { sopInstance: uid(), series: uid(), dimensionOrganization: uid(), frameOfReference: uid() },
    ...localDateTime(new Date(provenance.createdAt)),
  };
}

/** DICOM dates and times are local unless an object says otherwise, and the source's are copied beside them. */
function localDateTime(date: Date): { contentDate: string; contentTime: string } {
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    contentDate: `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`,
    contentTime: `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`,
  };
}

/** JPEG (lossy processes), JPEG-LS near-lossless, lossy JPEG 2000 and HTJ2K (PS3.6 annex A). */
const lossySyntaxes = new Set([50, 51, 53, 55, 81, 91, 203].map((last) => `1.2.840.10008.1.2.4.${last}`));

/** Enough for the header of a single image; a longer one says how much more it needs. */
const headBytes = 1 << 16;

/** Whether any of the images is, or ever was, lossily compressed ((0028,2110), PS3.3 section C.7.6.1.1.5). */
async function anyLossy(files: readonly string[]): Promise<boolean> {
  for (const file of new Set(files)) if (await isLossy(file)) return true;
  return false;
}

async function isLossy(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      let read = parseHeader(await firstBytes(file, headBytes), size);
      while (read.kind === 'needs') read = parseHeader(await firstBytes(file, read.bytes), size);
      if (read.kind === 'not-dicom') {
        throw new AppFailure({ code: 'input-refused', path, detail: 'no longer a DICOM file' });
      }
      const { dataSet, transferSyntaxUid } = read.header;
      return string(dataSet, 'x00282110') === '01' || lossySyntaxes.has(transferSyntaxUid);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (!code || !syscall) throw error;
    throw new AppFailure({ code: 'input-unreadable', path, detail: code });
  }
}

async function firstBytes(file: FileHandle, count: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(count), 0, count, 0);
  return buffer.subarray(0, bytesRead);
}
