import type { Database } from '../../../native/sqlite/open-sqlite.ts';
import type { ModelCard } from '../../contract/model-card.ts';
import type { TrainRequest } from '../../contract/train-request.ts';

type Checkpoint = NonNullable<TrainRequest['checkpoint']>;

/** In place of the one before. */
export function putTraining(
  db: Database,
  fingerprint: string,
  { steps, bytes }: Checkpoint,
  updatedAt: string,
): void {
  db.prepare(
    `INSERT INTO trainings (fingerprint, steps, checkpoint, updated_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (fingerprint) DO UPDATE SET steps = excluded.steps, checkpoint = excluded.checkpoint,
       updated_at = excluded.updated_at`,
  ).run(fingerprint, steps, bytes, updatedAt);
}

export function findTraining(db: Database, fingerprint: string): Checkpoint | null {
  return (
    db
      .prepare<[string], Checkpoint>(`SELECT steps, checkpoint AS bytes FROM trainings WHERE fingerprint = ?`)
      .get(fingerprint) ?? null
  );
}

export function deleteTraining(db: Database, fingerprint: string): void {
  db.prepare(`DELETE FROM trainings WHERE fingerprint = ?`).run(fingerprint);
}

/** Those that nobody went on with since. */
export function deleteTrainingsBefore(db: Database, moment: string): void {
  db.prepare(`DELETE FROM trainings WHERE updated_at < ?`).run(moment);
}

export function putModelCard(db: Database, modelId: string, card: ModelCard): void {
  db.prepare(
    `INSERT INTO model_cards (model_id, card) VALUES (?, ?)
     ON CONFLICT (model_id) DO UPDATE SET card = excluded.card`,
  ).run(modelId, JSON.stringify(card));
}

/** How a model was trained, here or by what came with it; null for one that does not say. */
export function findModelCard(db: Database, modelId: string): ModelCard | null {
  const card = db
    .prepare<[string], string>(`SELECT card FROM model_cards WHERE model_id = ?`)
    .pluck()
    .get(modelId) as string | undefined;
  return card === undefined ? null : (JSON.parse(card) as ModelCard);
}
