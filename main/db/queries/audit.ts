import type { Database } from '../../../native/sqlite/open-sqlite.ts';

export type AuditEvent =
  | 'model-imported'
  | 'model-compressed'
  | 'model-evaluated'
  | 'model-tuned'
  | 'model-trained'
  | 'model-removed'
  | 'pack-written'
  | 'pack-imported'
  | 'device-checked'
  | 'job-started'
  | 'job-resumed'
  | 'job-ended'
  | 'result-exported'
  | 'result-edited'
  | 'result-reviewed'
  | 'study-forgotten';

/** Records who was touched by what: `subject` is the id of a model, job or result. */
export function insertAudit(
  db: Database,
  at: string,
  event: AuditEvent,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
): void {
  db.prepare(`INSERT INTO audit (at, event, subject, detail) VALUES (?, ?, ?, ?)`).run(
    at,
    event,
    subject,
    JSON.stringify(detail),
  );
}

export interface AuditRow {
  readonly at: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What happened to a subject since a time (ISO 8601 UTC), oldest first. */
export function listAudit(db: Database, event: AuditEvent, subject: string, since: string): AuditRow[] {
  return db
    .prepare<[string, string, string], { at: string; detail: string }>(
      `SELECT at, detail FROM audit WHERE event = ? AND subject = ? AND at >= ? ORDER BY id`,
    )
    .all(event, subject, since)
    .map(({ at, detail }) => ({ at, detail: JSON.parse(detail) as AuditRow['detail'] }));
}
