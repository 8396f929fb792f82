import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { Review, ReviewState } from '../../contract/review.ts';
import type { GeometryVerdict } from '../../core/dicom/study.ts';
import type { SegmentationModel } from '../../core/model/segmentation-model.ts';
import type { LabelMeasurement } from '../../core/segment/6-measure/measurement.ts';
import type { Grid } from '../../core/volume/volume.ts';

export interface ResultRow {
  readonly id: string;
  /** Edited versions share that of the result that they were made of. */
  readonly jobId: string;
  /** The result that this one was edited from; null: as the network made it. */
  readonly parentId: string | null;
  /** SHA-256 of the labelmap's blob. */
  readonly labelmap: string;
  readonly grid: Grid;
  readonly geometry: GeometryVerdict;
  readonly recipe: SegmentationModel;
  readonly modelName: string;
  readonly modelSha256: string;
  readonly variant: string;
  readonly device: string;
  readonly appVersion: string;
  readonly stageSeconds: Readonly<Record<string, number>>;
  readonly peakMemoryBytes: number;
  readonly createdAt: string;
  readonly review: Review;
}

interface StoredResult extends Omit<ResultRow, 'grid' | 'geometry' | 'recipe' | 'stageSeconds' | 'review'> {
  readonly review: ReviewState;
  readonly note: string;
  readonly reviewedAt: string | null;
  readonly grid: string;
  readonly geometry: string;
  readonly recipe: string;
  readonly stageSeconds: string;
}

interface StoredMeasurement extends Omit<LabelMeasurement, 'boundsZyx' | 'touchesEdge'> {
  readonly bounds: string | null;
  readonly touchesEdge: number;
}

const columns = `id, job_id AS jobId, parent_id AS parentId, labelmap, grid, geometry, recipe, model_name AS modelName,
  model_sha256 AS modelSha256, variant, device, app_version AS appVersion, stage_seconds AS stageSeconds,
  peak_memory_bytes AS peakMemoryBytes, created_at AS createdAt, review, note, reviewed_at AS reviewedAt`;

const parse = ({ review, note, reviewedAt, ...row }: StoredResult): ResultRow => ({
  ...row,
  review: { state: review, note, reviewedAt },
  grid: JSON.parse(row.grid) as Grid,
  geometry: JSON.parse(row.geometry) as GeometryVerdict,
  recipe: JSON.parse(row.recipe) as SegmentationModel,
  stageSeconds: JSON.parse(row.stageSeconds) as Record<string, number>,
});

export function insertResult(db: Database, row: ResultRow, labels: readonly LabelMeasurement[]): void {
  db.prepare(
    `INSERT INTO results (id, job_id, parent_id, labelmap, grid, geometry, recipe, model_name, model_sha256, variant, device,
       app_version, stage_seconds, peak_memory_bytes, created_at, review, note, reviewed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    row.id,
    row.jobId,
    row.parentId,
    row.labelmap,
    JSON.stringify(row.grid),
    JSON.stringify(row.geometry),
    JSON.stringify(row.recipe),
    row.modelName,
    row.modelSha256,
    row.variant,
    row.device,
    row.appVersion,
    JSON.stringify(row.stageSeconds),
    row.peakMemoryBytes,
    row.createdAt,
    row.review.state,
    row.review.note,
    row.review.reviewedAt,
  );
  const insert = db.prepare(
    `INSERT INTO result_labels (result_id, value, name, voxels, volume_ml, mean_intensity, sd_intensity, bounds,
       touches_edge)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const label of labels) {
    insert.run(
      row.id,
      label.value,
      label.name,
      label.voxels,
      label.volumeMl,
      label.meanIntensity,
      label.sdIntensity,
      label.boundsZyx && JSON.stringify(label.boundsZyx),
      label.touchesEdge ? 1 : 0,
    );
  }
}

export function listResults(db: Database): ResultRow[] {
  return db
    .prepare<[], StoredResult>(`SELECT ${columns} FROM results ORDER BY created_at DESC, id`)
    .all()
    .map(parse);
}

export function findResult(db: Database, id: string): ResultRow | undefined {
  const row = db.prepare<[string], StoredResult>(`SELECT ${columns} FROM results WHERE id = ?`).get(id);
  return row && parse(row);
}

/** What the job itself made, no edited version of it. */
export function findResultOfJob(db: Database, jobId: string): ResultRow | undefined {
  const row = db
    .prepare<[string], StoredResult>(`SELECT ${columns} FROM results WHERE job_id = ? AND parent_id IS NULL`)
    .get(jobId);
  return row && parse(row);
}

export function listMeasurements(db: Database, resultId: string): LabelMeasurement[] {
  return db
    .prepare<[string], StoredMeasurement>(
      `SELECT value, name, voxels, volume_ml AS volumeMl, mean_intensity AS meanIntensity,
         sd_intensity AS sdIntensity, bounds, touches_edge AS touchesEdge
       FROM result_labels WHERE result_id = ? ORDER BY value`,
    )
    .all(resultId)
    .map(({ bounds, touchesEdge, ...rest }) => ({
      ...rest,
      boundsZyx: bounds === null ? null : (JSON.parse(bounds) as LabelMeasurement['boundsZyx']),
      touchesEdge: touchesEdge === 1,
    }));
}

export function setReview(db: Database, id: string, { state, note, reviewedAt }: Review): void {
  db.prepare(`UPDATE results SET review = ?, note = ?, reviewed_at = ? WHERE id = ?`).run(
    state,
    note,
    reviewedAt,
    id,
  );
}

/** How many results there are of each study, by its UID. */
export function countResultsByStudy(db: Database): ReadonlyMap<string, number> {
  // The index holds all that this asks of the jobs: their inputs are not read.
  const rows = db
    .prepare<[], { studyUid: string; results: number }>(
      `SELECT jobs.study_uid AS studyUid, count(*) AS results
       FROM jobs INDEXED BY jobs_by_study JOIN results ON results.job_id = jobs.id
       WHERE jobs.study_uid IS NOT NULL GROUP BY jobs.study_uid`,
    )
    .all();
  return new Map(rows.map(({ studyUid, results }) => [studyUid, results]));
}
