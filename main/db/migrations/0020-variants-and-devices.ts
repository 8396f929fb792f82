import type { Database } from '../../../native/sqlite/open-sqlite.ts';

/** What variants cost and how faithful they are, and what the devices of this computer can do. */
export function addVariantsAndDevices(db: Database): void {
  db.exec(`
    -- JSON: VariantCosts of one run on the patch; null until somebody needs them.
    ALTER TABLE model_variants ADD COLUMN costs TEXT;

    -- A variant's labels beside a reference's on one image.
    CREATE TABLE evaluations (
      id TEXT PRIMARY KEY,
      variant_id TEXT NOT NULL REFERENCES model_variants ON DELETE CASCADE,
      image TEXT NOT NULL, -- the image's identity, which says that two evaluations are of the same one
      image_name TEXT NOT NULL, -- for people
      -- full: the labels of the full variant; labelmap: those of a file.
      reference TEXT NOT NULL CHECK (reference IN ('full', 'labelmap')),
      reference_path TEXT,
      calibrated INTEGER NOT NULL, -- 1: the variant was made with this image, which flatters it
      tolerance_mm REAL NOT NULL,
      created_at TEXT NOT NULL,
      UNIQUE (variant_id, image, reference)
    ) STRICT;

    CREATE TABLE evaluation_labels (
      evaluation_id TEXT NOT NULL REFERENCES evaluations ON DELETE CASCADE,
      value INTEGER NOT NULL,
      reference_voxels INTEGER NOT NULL,
      compared_voxels INTEGER NOT NULL,
      missing_in TEXT NOT NULL CHECK (missing_in IN ('neither', 'reference', 'compared', 'both')),
      dice REAL NOT NULL,
      sensitivity REAL,
      specificity REAL,
      hd95_mm REAL,
      surface_dice REAL NOT NULL,
      PRIMARY KEY (evaluation_id, value)
    ) STRICT;

    -- The key holds hardware, driver and provider: after a driver change there is no row.
    CREATE TABLE device_checks (
      device_key TEXT PRIMARY KEY,
      facts TEXT NOT NULL, -- JSON: DeviceFacts
      verdict TEXT NOT NULL, -- JSON: SelfCheckVerdict
      app_version TEXT NOT NULL,
      checked_at TEXT NOT NULL
    ) STRICT;

    -- One run of a variant's network on one tile, of the last program version that ran it, with its default threads.
    CREATE TABLE run_measurements (
      device_key TEXT NOT NULL,
      variant_id TEXT NOT NULL REFERENCES model_variants ON DELETE CASCADE,
      tile_shape TEXT NOT NULL, -- JSON: Vec3
      seconds REAL NOT NULL,
      peak_bytes INTEGER,
      app_version TEXT NOT NULL,
      measured_at TEXT NOT NULL,
      PRIMARY KEY (device_key, variant_id, tile_shape)
    ) STRICT;

    CREATE TABLE memory_failures (
      device_key TEXT NOT NULL,
      variant_id TEXT NOT NULL REFERENCES model_variants ON DELETE CASCADE,
      tile_shape TEXT NOT NULL, -- JSON: Vec3
      available_bytes INTEGER, -- memory that could be had before; with much more of it the run is worth trying again
      app_version TEXT NOT NULL,
      failed_at TEXT NOT NULL,
      PRIMARY KEY (device_key, variant_id, tile_shape)
    ) STRICT;
  `);
}
