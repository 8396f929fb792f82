import type { VolumeSource } from '../contract/engine-protocol.ts';
import type { JobInput } from '../contract/job.ts';
import { hashFiles } from './hash-files.ts';

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
  return `sha256:${await hashFiles([path])}`;
}
