import type { Database } from '../../../native/sqlite/open-sqlite.ts';

/**
 * Edited versions of a result beside it, and what a reader thought of each. Versions share the job of the result that they
 * were made of, so that `job_id` is no longer unique, and a constraint goes only with its table. Foreign keys are on:
 * dropping a table deletes its rows first, and with them what refers to them. So the tables that refer are built anew before.
 */
export function addResultVersions(db: Database): void {
  db.exec(`
    CREATE TABLE new_results (
      id TEXT PRIMARY KEY,
      job_id TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
      parent_id TEXT REFERENCES new_results ON DELETE CASCADE, -- null: as the network made it
      labelmap TEXT NOT NULL REFERENCES blobs,
      grid TEXT NOT NULL, -- JSON: Grid
      geometry TEXT NOT NULL, -- JSON: GeometryVerdict
      recipe TEXT NOT NULL, -- JSON: SegmentationModel as it was, so that a result outlives its model
      model_name TEXT NOT NULL,
      model_sha256 TEXT NOT NULL,
      variant TEXT NOT NULL,
      device TEXT NOT NULL,
      app_version TEXT NOT NULL,
      stage_seconds TEXT NOT NULL, -- JSON
      peak_memory_bytes INTEGER NOT NULL,
      created_at TEXT NOT NULL,
      review TEXT NOT NULL DEFAULT 'open' CHECK (review IN ('open', 'accepted', 'rejected')),
      note TEXT NOT NULL DEFAULT '',
      reviewed_at TEXT
    ) STRICT;
    INSERT INTO new_results (id, job_id, labelmap, grid, geometry, recipe, model_name, model_sha256, variant, device,
      app_version, stage_seconds, peak_memory_bytes, created_at)
    SELECT id, job_id, labelmap, grid, geometry, recipe, model_name, model_sha256, variant, device, app_version,
      stage_seconds, peak_memory_bytes, created_at
    FROM results;

    CREATE TABLE new_result_labels (
      result_id TEXT NOT NULL REFERENCES new_results ON DELETE CASCADE,
      value INTEGER NOT NULL,
      name TEXT NOT NULL,
      voxels INTEGER NOT NULL,
      volume_ml REAL NOT NULL,
      mean_intensity REAL,
      sd_intensity REAL,
      bounds TEXT, -- JSON
      touches_edge INTEGER NOT NULL,
      PRIMARY KEY (result_id, value)
    ) STRICT;
    INSERT INTO new_result_labels (result_id, value, name, voxels, volume_ml, mean_intensity, sd_intensity, bounds,
      touches_edge)
    SELECT result_id, value, name, voxels, volume_ml, mean_intensity, sd_intensity, bounds, touches_edge
    FROM result_labels;

    DROP TABLE result_labels;
    DROP TABLE results;
    ALTER TABLE new_results RENAME TO results; -- and in what refers to it
    ALTER TABLE new_result_labels RENAME TO result_labels;
    CREATE INDEX results_by_labelmap ON results (labelmap);
    -- A job has one result of its own, whoever else stores one at the same time.
    CREATE UNIQUE INDEX results_of_jobs ON results (job_id) WHERE parent_id IS NULL;
    CREATE INDEX results_by_parent ON results (parent_id);
  `);
}
