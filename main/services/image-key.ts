import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { AppFailure } from '../contract/app-error.ts';
import type { VolumeSource } from '../contract/engine-protocol.ts';
import type { JobInput } from '../contract/job.ts';

/** An image's identity: the volumes' ids of DICOM (series UID and part), the bytes' hashes of NIfTI; joined where there are several channels. */
export async function imageKey({ channels }: Pick<JobInput, 'channels'>): Promise<string> {
  return (await Promise.all(channels.map(keyOf))).join('+');
}

async function keyOf(source: VolumeSource): Promise<string> {
  if (source.kind === 'dicom') return source.volume.id;
  return fileKey(source.path);
}

/** A file's identity, by its bytes. Throws AppFailure `input-unreadable`. */
export async function fileKey(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    const detail = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new AppFailure({ code: 'input-unreadable', path, detail });
  }
  return `sha256:${hash.digest('hex')}`;
}
