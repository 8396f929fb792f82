import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { AppError } from '../../contract/app-error.ts';
import type { VolumeRef } from '../../contract/ipc/study-channels.ts';
import type { ChoiceView, JobNews, JobTitle, QueueState, RunOrder } from '../../contract/ipc/job-channels.ts';

export interface QueueRow {
  readonly id: string;
  readonly position: number;
  readonly state: QueueState;
  readonly order: RunOrder;
  readonly title: JobTitle;
  /** The job that it became; the last one, where it took several. */
  readonly jobId: string | null;
  readonly resultId: string | null;
  readonly choice: ChoiceView | null;
  readonly news: readonly JobNews[];
  readonly error: AppError | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

const json = ['order', 'title', 'choice', 'news', 'error'] as const;
type Stored = { readonly [K in keyof QueueRow]: K extends (typeof json)[number] ? string : QueueRow[K] };

const columns = `id, position, state, run_order AS "order", title, job_id AS jobId, result_id AS resultId, choice, news, error,
  created_at AS createdAt, started_at AS startedAt, ended_at AS endedAt`;

const parse = (row: Stored): QueueRow => {
  const parsed = json.map((key) => [key, row[key] === null ? null : (JSON.parse(row[key]) as unknown)]);
  return { ...row, ...Object.fromEntries(parsed) } as QueueRow;
};

/** Stores one, new or changed. */
export function putQueued(db: Database, row: QueueRow): void {
  const text = (value: unknown) => (value === null ? null : JSON.stringify(value));
  db.prepare(
    `INSERT INTO queue (id, position, state, run_order, title, job_id, result_id, choice, news, error, created_at,
       started_at, ended_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET position = excluded.position, state = excluded.state, job_id = excluded.job_id,
       result_id = excluded.result_id, choice = excluded.choice, news = excluded.news, error = excluded.error,
       started_at = excluded.started_at, ended_at = excluded.ended_at`,
  ).run(
    row.id,
    row.position,
    row.state,
    text(row.order),
    text(row.title),
    row.jobId,
    row.resultId,
    text(row.choice),
    text(row.news),
    text(row.error),
    row.createdAt,
    row.startedAt,
    row.endedAt,
  );
}

/** Those that wait and run first, in their order; then the others, the newest first. */
export function listQueued(db: Database): QueueRow[] {
  return db
    .prepare<[], Stored>(
      `SELECT ${columns} FROM queue
       ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END,
         CASE WHEN state IN ('running', 'waiting') THEN position ELSE -position END`,
    )
    .all()
    .map(parse);
}

export function findQueued(db: Database, id: string): QueueRow | undefined {
  const row = db.prepare<[string], Stored>(`SELECT ${columns} FROM queue WHERE id = ?`).get(id);
  return row && parse(row);
}

/** What runs next. */
export function findNextQueued(db: Database): QueueRow | undefined {
  const row = db
    .prepare<[], Stored>(`SELECT ${columns} FROM queue WHERE state = 'waiting' ORDER BY position LIMIT 1`)
    .get();
  return row && parse(row);
}

/** The place behind all others. */
export function nextPosition(db: Database): number {
  return db.prepare<[], number>(`SELECT coalesce(max(position), 0) + 1 FROM queue`).pluck().get()!;
}

/** What waited or ran when the program ended was interrupted. */
export function interruptQueued(db: Database): void {
  db.prepare(`UPDATE queue SET state = 'interrupted' WHERE state IN ('waiting', 'running')`).run();
}

export function deleteQueued(db: Database, id: string): void {
  db.prepare(`DELETE FROM queue WHERE id = ?`).run(id);
}

/** Interrupted jobs over a DICOM volume that the queue does not know: a command's, whose model is still there. */
export function listStrayJobs(
  db: Database,
): { readonly id: string; readonly volume: VolumeRef; readonly model: string; readonly variant: string }[] {
  return db
    .prepare<[], { id: string; volume: string; model: string; variant: string }>(
      `SELECT jobs.id, jobs.volume, jobs.model_id AS model, model_variants.name AS variant
       FROM jobs JOIN model_variants ON model_variants.id = jobs.variant_id
       WHERE jobs.state = 'interrupted' AND jobs.volume IS NOT NULL AND jobs.model_id IS NOT NULL
         AND jobs.id NOT IN (SELECT job_id FROM queue WHERE job_id IS NOT NULL)
       ORDER BY jobs.created_at`,
    )
    .all()
    .map((row) => ({ ...row, volume: JSON.parse(row.volume) as VolumeRef }));
}
