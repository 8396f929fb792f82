import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { TuneCheckpoint, TunedFold } from '../../contract/tune-request.ts';

export interface TuningRow {
  readonly fingerprint: string;
  readonly variantId: string;
  /** The window's order; null: of a command. */
  readonly orderId: string | null;
  readonly updatedAt: string;
}

/** In place of the one before; to be called in a transaction. */
export function putTuning(
  db: Database,
  row: TuningRow,
  { fold, steps, bytes, finished }: TuneCheckpoint,
): void {
  db.prepare(
    `INSERT INTO tunings (fingerprint, variant_id, order_id, fold, steps, checkpoint, folds, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (fingerprint) DO UPDATE SET order_id = excluded.order_id, fold = excluded.fold, steps = excluded.steps,
       checkpoint = excluded.checkpoint, folds = excluded.folds, updated_at = excluded.updated_at`,
  ).run(
    row.fingerprint,
    row.variantId,
    row.orderId,
    fold,
    steps,
    bytes,
    JSON.stringify(finished.folds),
    row.updatedAt,
  );
  const insert = db.prepare(
    `INSERT OR IGNORE INTO tuned_networks (fingerprint, fold, network) VALUES (?, ?, ?)`,
  );
  finished.networks.forEach((network, index) => insert.run(row.fingerprint, index, network));
}

export function findTuning(db: Database, fingerprint: string): TuneCheckpoint | null {
  const row = db
    .prepare<[string], { fold: number; steps: number; bytes: Uint8Array; folds: string }>(
      `SELECT fold, steps, checkpoint AS bytes, folds FROM tunings WHERE fingerprint = ?`,
    )
    .get(fingerprint);
  if (!row) return null;
  const networks = db
    .prepare<[string], Uint8Array>(`SELECT network FROM tuned_networks WHERE fingerprint = ? ORDER BY fold`)
    .pluck()
    .all(fingerprint) as Uint8Array[];
  const { folds, ...checkpoint } = row;
  return { ...checkpoint, finished: { networks, folds: JSON.parse(folds) as TunedFold[] } };
}

export function deleteTuning(db: Database, fingerprint: string): void {
  db.prepare(`DELETE FROM tunings WHERE fingerprint = ?`).run(fingerprint);
}

/** Those that the window's order left. */
export function deleteTuningsOf(db: Database, orderId: string): void {
  db.prepare(`DELETE FROM tunings WHERE order_id = ?`).run(orderId);
}

/** Those that other orders of the window left: it has one at a time. */
export function deleteTuningsOfOthers(db: Database, orderId: string): void {
  db.prepare(`DELETE FROM tunings WHERE order_id <> ?`).run(orderId);
}

/** Those of commands that nobody went on with since. */
export function deleteCommandTuningsBefore(db: Database, moment: string): void {
  db.prepare(`DELETE FROM tunings WHERE order_id IS NULL AND updated_at < ?`).run(moment);
}
