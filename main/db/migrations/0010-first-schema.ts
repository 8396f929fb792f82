import type { Database } from '../../../native/sqlite/open-sqlite.ts';

/** Studies, models, jobs, results and the blobs that they point to. */
export function createFirstSchema(db: Database): void {
  db.exec(`
    -- Content-addressed: the name of a blob is the SHA-256 of its decoded bytes.
    CREATE TABLE blobs (
      sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
      size_bytes INTEGER NOT NULL,
      encoding TEXT NOT NULL CHECK (encoding IN ('raw', 'gzip')),
      data BLOB NOT NULL
    ) STRICT;

    CREATE TABLE studies (
      study_uid TEXT PRIMARY KEY,
      folder TEXT NOT NULL,
      patient_id TEXT NOT NULL,
      patient_name TEXT NOT NULL,
      study_date TEXT NOT NULL,
      description TEXT NOT NULL,
      attributes TEXT NOT NULL, -- JSON: Study without its series
      seen_at TEXT NOT NULL
    ) STRICT;

    -- One row a volume: a DICOM series holds one or several.
    CREATE TABLE series (
      volume_id TEXT NOT NULL,
      study_uid TEXT NOT NULL REFERENCES studies ON DELETE CASCADE,
      series_uid TEXT NOT NULL,
      modality TEXT NOT NULL,
      description TEXT NOT NULL,
      frames INTEGER NOT NULL,
      verdict TEXT NOT NULL CHECK (verdict IN ('ok', 'corrected', 'refused')),
      attributes TEXT NOT NULL, -- JSON: Series without its volumes
      volume TEXT NOT NULL, -- JSON: SeriesVolume, geometry verdict and source frames included
      PRIMARY KEY (study_uid, volume_id)
    ) STRICT;

    CREATE TABLE models (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      sha256 TEXT NOT NULL UNIQUE, -- over recipe and networks
      source TEXT NOT NULL,
      licence TEXT NOT NULL,
      description TEXT NOT NULL,
      recipe TEXT NOT NULL, -- JSON: SegmentationModel, labels with coded terms included
      imported_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE model_variants (
      id TEXT PRIMARY KEY,
      model_id TEXT NOT NULL REFERENCES models ON DELETE CASCADE,
      name TEXT NOT NULL,
      recipe TEXT NOT NULL, -- JSON: VariantRecipe
      parameters INTEGER NOT NULL,
      macs INTEGER NOT NULL, -- of one patch
      created_at TEXT NOT NULL,
      UNIQUE (model_id, name)
    ) STRICT;

    CREATE TABLE variant_networks (
      variant_id TEXT NOT NULL REFERENCES model_variants ON DELETE CASCADE,
      fold INTEGER NOT NULL,
      sha256 TEXT NOT NULL REFERENCES blobs,
      PRIMARY KEY (variant_id, fold)
    ) STRICT;
    CREATE INDEX variant_networks_by_blob ON variant_networks (sha256);

    CREATE TABLE jobs (
      id TEXT PRIMARY KEY,
      state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled', 'interrupted')),
      -- Same inputs, model, variant and program version: such a job may go on from the slabs of this one.
      fingerprint TEXT NOT NULL,
      input TEXT NOT NULL, -- JSON: JobInput
      model_id TEXT REFERENCES models ON DELETE SET NULL,
      variant_id TEXT REFERENCES model_variants ON DELETE SET NULL,
      device TEXT NOT NULL,
      stage TEXT NOT NULL,
      done INTEGER NOT NULL,
      total INTEGER NOT NULL,
      error TEXT, -- JSON: AppError
      owner_pid INTEGER NOT NULL,
      created_at TEXT NOT NULL,
      updated_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX jobs_by_fingerprint ON jobs (fingerprint, state);

    CREATE TABLE job_slabs (
      job_id TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
      start INTEGER NOT NULL,
      end INTEGER NOT NULL,
      labels_gz BLOB NOT NULL,
      PRIMARY KEY (job_id, start)
    ) STRICT;

    CREATE TABLE results (
      id TEXT PRIMARY KEY,
      job_id TEXT NOT NULL UNIQUE REFERENCES jobs ON DELETE CASCADE,
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
      created_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX results_by_labelmap ON results (labelmap);

    CREATE TABLE result_labels (
      result_id TEXT NOT NULL REFERENCES results ON DELETE CASCADE,
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

    -- Who did what when (after DICOM PS3.15 A.5): imports, runs, exports, removals.
    CREATE TABLE audit (
      id INTEGER PRIMARY KEY,
      at TEXT NOT NULL,
      event TEXT NOT NULL,
      subject TEXT NOT NULL,
      detail TEXT NOT NULL -- JSON
    ) STRICT;
  `);
}
