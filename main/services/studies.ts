import type { FolderView } from '../contract/ipc/study-channels.ts';
import type { StudyRecord } from '../contract/study-record.ts';
import type { FolderScan } from '../core/dicom/study.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { deleteStudy, studyRecord, upsertStudy } from '../db/queries/studies.ts';
import type { Context } from './context.ts';
import { scanFolder, type ScanFolderOptions } from './scan-folder.ts';
import { noImages } from './select-volume.ts';
import type { ScanInThread } from './scan-in-thread.ts';

/** Walks a folder once and stores the studies found there. Throws AppFailure `input-unreadable`. */
export async function scanStudies(
  context: Context,
  folder: string,
  options: ScanFolderOptions = {},
): Promise<FolderScan> {
  const scan = await scanFolder(folder, options);
  storeStudies(context, scan.folder, scan.studies.map(studyRecord));
  return scan;
}

/**
 * The same for a window, whose process must answer meanwhile: headers are parsed in a thread. Throws AppFailure
 * `input-unreadable`, `no-images`, `cancelled`.
 */
export async function scanForWindow(
  context: Context,
  scanInThread: ScanInThread,
  folder: string,
  options: ScanFolderOptions,
): Promise<FolderView> {
  const { view, records } = await scanInThread(folder, options);
  if (view.studies.length === 0) throw noImages(view);
  for (const record of records) {
    storeStudies(context, view.folder, [record]);
    // A folder may hold a whole archive: the window is answered between two studies.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return view;
}

function storeStudies({ db, now }: Context, folder: string, records: readonly StudyRecord[]): void {
  const seenAt = now();
  db.transaction(() => {
    for (const record of records) upsertStudy(db, record, folder, seenAt);
  }).immediate();
}

/** Takes a study off the list of those that were seen; its results stay, and another scan brings it back. */
export function forgetStudy({ db, now }: Context, studyUid: string): void {
  db.transaction(() => {
    deleteStudy(db, studyUid);
    insertAudit(db, now(), 'study-forgotten', studyUid, {});
  }).immediate();
}
