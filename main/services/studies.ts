import type { FolderScan } from '../core/dicom/study.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { deleteStudy, upsertStudy } from '../db/queries/studies.ts';
import type { Context } from './context.ts';
import { scanFolder } from './scan-folder.ts';

/** Walks a folder once and stores the studies found there. Throws AppFailure `input-unreadable`. */
export async function scanStudies(
  { db, now }: Context,
  folder: string,
  options: Parameters<typeof scanFolder>[1] = {},
): Promise<FolderScan> {
  const scan = await scanFolder(folder, options);
  const seenAt = now();
  db.transaction(() => {
    for (const study of scan.studies) upsertStudy(db, study, scan.folder, seenAt);
  }).immediate();
  return scan;
}

/** Takes a study off the list of those that were seen; its results stay, and another scan brings it back. */
export function forgetStudy({ db, now }: Context, studyUid: string): void {
  db.transaction(() => {
    deleteStudy(db, studyUid);
    insertAudit(db, now(), 'study-forgotten', studyUid, {});
  }).immediate();
}
