import type { Database } from '../../../native/sqlite/open-sqlite.ts';

export type AuditEvent =
  | 'model-imported'
  | 'model-compressed'
  | 'model-removed'
  | 'job-started'
  | 'job-resumed'
  | 'job-ended'
  | 'result-exported';

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
