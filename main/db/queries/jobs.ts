import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { AppError } from '../../contract/app-error.ts';
import type { Progress, Slab } from '../../contract/engine-protocol.ts';
import type { VolumeRef } from '../../contract/ipc/study-channels.ts';
import type { JobInput, JobState } from '../../contract/job.ts';

export interface JobRow {
  readonly id: string;
  readonly state: JobState;
  readonly fingerprint: string;
  readonly input: JobInput;
  /** null once the model was removed. */
  readonly modelId: string | null;
  readonly variantId: string | null;
  readonly device: string;
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly error: AppError | null;
  readonly ownerPid: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

interface StoredJob extends Omit<JobRow, 'input' | 'error'> {
  readonly input: string;
  readonly error: string | null;
}

const columns = `id, state, fingerprint, input, model_id AS modelId, variant_id AS variantId, device, stage, done,
  total, error, owner_pid AS ownerPid, created_at AS createdAt, updated_at AS updatedAt`;

const parse = (row: StoredJob): JobRow => ({
  ...row,
  input: JSON.parse(row.input) as JobInput,
  error: row.error === null ? null : (JSON.parse(row.error) as AppError),
});

export function insertJob(db: Database, job: JobRow): void {
  const volume = volumeOf(job.input);
  db.prepare(
    `INSERT INTO jobs (id, state, fingerprint, input, model_id, variant_id, device, stage, done, total, error,
       owner_pid, created_at, updated_at, input_path, volume)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?)`,
  ).run(
    job.id,
    job.state,
    job.fingerprint,
    JSON.stringify(job.input),
    job.modelId,
    job.variantId,
    job.device,
    job.stage,
    job.done,
    job.total,
    job.ownerPid,
    job.createdAt,
    job.updatedAt,
    job.input.path,
    volume && JSON.stringify(volume),
  );
}

/** The volume that a job's result lies over; null where it read no DICOM. */
export function volumeOf({ origin, channels }: JobInput): VolumeRef | null {
  const first = channels[0];
  if (origin.kind !== 'dicom' || first?.kind !== 'dicom') return null;
  return { studyUid: origin.study.studyInstanceUid, volumeId: first.volume.id };
}

/** What a job is about, without the input that names every slice. */
export interface JobSubject {
  readonly inputPath: string;
  readonly volume: VolumeRef | null;
  /** As DICOM writes it; empty where the study is no DICOM or was forgotten since. */
  readonly patientName: string;
  readonly seriesDescription: string;
}

export function findJobSubject(db: Database, id: string): JobSubject | undefined {
  const row = db
    .prepare<[string], Omit<JobSubject, 'volume'> & { volume: string | null }>(
      `SELECT jobs.input_path AS inputPath, jobs.volume, coalesce(studies.patient_name, '') AS patientName,
         coalesce(series.description, '') AS seriesDescription
       FROM jobs LEFT JOIN studies ON studies.study_uid = jobs.volume ->> '$.studyUid'
         LEFT JOIN series ON series.volume_id = jobs.volume ->> '$.volumeId' AND series.study_uid = studies.study_uid
       WHERE jobs.id = ?`,
    )
    .get(id);
  return row && { ...row, volume: row.volume === null ? null : (JSON.parse(row.volume) as VolumeRef) };
}

/** A job without its input, which names every slice; `inputPath` is what the user named. */
export interface JobSummary extends Omit<JobRow, 'input' | 'fingerprint'> {
  readonly inputPath: string;
}

/** Newest first. */
export function listJobs(db: Database): JobSummary[] {
  return db
    .prepare<[], Omit<JobSummary, 'error'> & { error: string | null }>(
      `SELECT id, state, input_path AS inputPath, model_id AS modelId, variant_id AS variantId, device, stage,
         done, total, error, owner_pid AS ownerPid, created_at AS createdAt, updated_at AS updatedAt
       FROM jobs ORDER BY created_at DESC, id`,
    )
    .all()
    .map((row) => ({ ...row, error: row.error === null ? null : (JSON.parse(row.error) as AppError) }));
}

/** Jobs that some process is, or was, at work on. */
export function listRunningJobs(db: Database): Pick<JobRow, 'id' | 'ownerPid' | 'updatedAt'>[] {
  return db
    .prepare<[], Pick<JobRow, 'id' | 'ownerPid' | 'updatedAt'>>(
      `SELECT id, owner_pid AS ownerPid, updated_at AS updatedAt FROM jobs WHERE state = 'running'`,
    )
    .all();
}

export function findJob(db: Database, id: string): JobRow | undefined {
  const row = db.prepare<[string], StoredJob>(`SELECT ${columns} FROM jobs WHERE id = ?`).get(id);
  return row && parse(row);
}

/** The newest interrupted job that did the same work. */
export function findInterruptedJob(db: Database, fingerprint: string): JobRow | undefined {
  const row = db
    .prepare<[string], StoredJob>(
      `SELECT ${columns} FROM jobs WHERE fingerprint = ? AND state = 'interrupted' ORDER BY updated_at DESC LIMIT 1`,
    )
    .get(fingerprint);
  return row && parse(row);
}

/** Takes an interrupted job over; false where somebody else was faster. */
export function claimJob(db: Database, id: string, ownerPid: number, device: string, now: string): boolean {
  return (
    db
      .prepare(
        `UPDATE jobs SET state = 'running', owner_pid = ?, device = ?, error = NULL, updated_at = ?
         WHERE id = ? AND state = 'interrupted'`,
      )
      .run(ownerPid, device, now, id).changes === 1
  );
}

export function setJobState(
  db: Database,
  id: string,
  state: JobState,
  error: AppError | null,
  now: string,
): void {
  db.prepare(`UPDATE jobs SET state = ?, error = ?, updated_at = ? WHERE id = ?`).run(
    state,
    error && JSON.stringify(error),
    now,
    id,
  );
}

export function setJobProgress(db: Database, id: string, progress: Progress, now: string): void {
  db.prepare(`UPDATE jobs SET stage = ?, done = ?, total = ?, updated_at = ? WHERE id = ?`).run(
    progress.stage,
    progress.done,
    progress.total,
    now,
    id,
  );
}

export function insertSlab(db: Database, jobId: string, slab: Slab): void {
  db.prepare(`INSERT OR REPLACE INTO job_slabs (job_id, start, end, labels_gz) VALUES (?, ?, ?, ?)`).run(
    jobId,
    slab.start,
    slab.end,
    slab.labelsGz,
  );
}

export function listSlabs(db: Database, jobId: string): Slab[] {
  return db
    .prepare<[string], Slab>(
      `SELECT start, end, labels_gz AS labelsGz FROM job_slabs WHERE job_id = ? ORDER BY start`,
    )
    .all(jobId);
}

export function deleteSlabs(db: Database, jobId: string): void {
  db.prepare(`DELETE FROM job_slabs WHERE job_id = ?`).run(jobId);
}
