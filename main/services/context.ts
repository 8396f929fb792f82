import type { Database } from '../db/database.ts';
import type { EngineClient } from './engine-client.ts';
import type { HeavyInThread } from './heavy-in-thread.ts';

/** What the services work with; each composition root builds one. */
export interface Context {
  readonly db: Database;
  readonly startEngine: () => EngineClient;
  readonly appVersion: string;
  /** Folder of the application's own resources: bundled model, sample study. */
  readonly resourcesDir: string;
  /** The present, ISO 8601 UTC. */
  readonly now: () => string;
  readonly newId: () => string;
  /** For what would keep a window waiting; a command does it where it is. */
  readonly inThread?: HeavyInThread | undefined;
}
