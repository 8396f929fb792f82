import type { VolumeRef } from '../contract/ipc/study-channels.ts';
import type { ViewSource } from '../contract/view-requests.ts';
import { findSeenAt } from '../db/queries/studies.ts';
import type { Context } from './context.ts';
import { findSource } from './volumes.ts';

interface Kept {
  readonly studyUid: string;
  readonly volumeId: string;
  readonly seenAt: string;
  readonly source: ViewSource;
}

/** One volume is on screen, and another one may just be coming. */
const defaultCapacity = 2;

/**
 * What to read voxels from, as `findSource` finds it, kept for the volumes that were asked for last: voxels come in
 * many pieces, and a source names every frame. A study that was forgotten, or scanned again (by whatever process), is
 * read anew, since its row says when it was seen. The function that comes back throws AppFailure `not-found`.
 */
export function keepSources({ db }: Pick<Context, 'db'>, capacity = defaultCapacity) {
  /** The last one asked for first. */
  let kept: readonly Kept[] = [];
  return ({ studyUid, volumeId }: VolumeRef): ViewSource => {
    const isIt = (each: Kept): boolean => each.studyUid === studyUid && each.volumeId === volumeId;
    const seenAt = findSeenAt(db, studyUid);
    const known = kept.find((each) => isIt(each) && each.seenAt === seenAt);
    kept = kept.filter((each) => !isIt(each));
    const source = known?.source ?? findSource(db, { studyUid, volumeId }).source;
    // Without a row nothing was found, and it threw.
    if (seenAt !== undefined) kept = [{ studyUid, volumeId, seenAt, source }, ...kept].slice(0, capacity);
    return source;
  };
}
