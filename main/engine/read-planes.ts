import type { ProbeVolume, ReadPlanes } from '../contract/view-requests.ts';
import { loadDicomPlanes, probeVoxelKind } from './decode/load-dicom-volume.ts';
import type { LoadContext } from './decode/run-load-tasks.ts';

type Context = Pick<LoadContext, 'pool' | 'signal'>;

/** What type the voxels of a volume have; errors as of loadVolume. */
export async function probeVolume(
  { source }: ProbeVolume['request'],
  { pool, signal }: Context,
): Promise<ProbeVolume['answer']> {
  return probeVoxelKind(source, { pool, ...(signal ? { signal } : {}) });
}

/** Some planes of a volume for the window; errors as of loadVolume. */
export async function readPlanes(
  { source, start, end, voxelType }: ReadPlanes['request'],
  { pool, signal }: Context,
): Promise<ReadPlanes['answer']> {
  const store = await loadDicomPlanes(source, { start, end }, voxelType, {
    pool,
    ...(signal ? { signal } : {}),
  });
  // Shared memory cannot leave the process.
  return store && new Uint8Array(store.buffer).slice();
}
