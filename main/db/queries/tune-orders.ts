import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { AppError } from '../../contract/app-error.ts';
import type { Learning } from '../../contract/engine-protocol.ts';
import type { TuningOrder, TuningOutcome, TuningState } from '../../contract/ipc/tuning-channels.ts';

export interface TuneOrderRow {
  readonly id: string;
  readonly state: TuningState;
  readonly order: TuningOrder;
  readonly learning: Learning | null;
  readonly outcome: TuningOutcome | null;
  readonly error: AppError | null;
  readonly createdAt: string;
}

const json = ['order', 'learning', 'outcome', 'error'] as const;
type Stored = {
  readonly [K in keyof TuneOrderRow]: K extends (typeof json)[number] ? string | null : TuneOrderRow[K];
};

/** The window's last one. */
export function findTuneOrder(db: Database): TuneOrderRow | null {
  const row = db
    .prepare<[], Stored>(
      `SELECT id, state, tune_order AS "order", learning, outcome, error, created_at AS createdAt
       FROM tune_orders ORDER BY created_at DESC LIMIT 1`,
    )
    .get();
  if (!row) return null;
  const parsed = json.map((key) => [key, row[key] === null ? null : (JSON.parse(row[key]) as unknown)]);
  return { ...row, ...Object.fromEntries(parsed) } as TuneOrderRow;
}

/** Stores one, new or changed. */
export function putTuneOrder(db: Database, row: TuneOrderRow): void {
  const text = (value: unknown) => (value === null ? null : JSON.stringify(value));
  db.prepare(
    `INSERT INTO tune_orders (id, state, tune_order, learning, outcome, error, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, learning = excluded.learning, outcome = excluded.outcome,
       error = excluded.error`,
  ).run(
    row.id,
    row.state,
    text(row.order),
    text(row.learning),
    text(row.outcome),
    text(row.error),
    row.createdAt,
  );
}

export function deleteTuneOrder(db: Database, id: string): void {
  db.prepare(`DELETE FROM tune_orders WHERE id = ?`).run(id);
}
