import type { AppError } from './app-error.ts';
import type { FolderView } from './ipc/study-channels.ts';
import type { StudyRecord } from './study-record.ts';

/** What the thread that scans a folder for the window says; it is given the folder as its `workerData`. */
export type FromScan =
  | { readonly type: 'progress'; readonly filesSeen: number }
  | { readonly type: 'found'; readonly found: ScannedFolder }
  | { readonly type: 'failed'; readonly error: AppError };

/** Studies of a folder as a window shows them and as the database keeps them. */
export interface ScannedFolder {
  readonly view: FolderView;
  readonly records: readonly StudyRecord[];
}
