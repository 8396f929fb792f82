import type { Database } from '../../../native/sqlite/open-sqlite.ts';

/** What the window was asked to tune, one at a time; and which checkpoints belong to it. */
export function addTuneOrders(db: Database): void {
  db.exec(`
    CREATE TABLE tune_orders (
      id TEXT PRIMARY KEY,
      state TEXT NOT NULL CHECK (state IN ('running', 'waiting', 'paused', 'failed', 'done')),
      tune_order TEXT NOT NULL, -- JSON: TuningOrder
      learning TEXT, -- JSON: Learning, as it was told of last
      outcome TEXT, -- JSON: TuningOutcome
      error TEXT, -- JSON: AppError
      created_at TEXT NOT NULL
    ) STRICT;

    -- Of the window's; null: of a command.
    ALTER TABLE tunings ADD COLUMN order_id TEXT;
  `);
}
