import type { VolumeRef } from './ipc/study-channels.ts';

/** Where in the private scheme the planes of a volume are to be had; see `ipc/voxels-route.ts`. */
export function voxelsPath({ studyUid, volumeId }: VolumeRef): string {
  return `/voxels/${encodeURIComponent(studyUid)}/${encodeURIComponent(volumeId)}`;
}
