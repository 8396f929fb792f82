import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

/** Real images, networks and golden fixtures that lie beside the project, not in it. */
export const sharedData = fileURLToPath(new URL('../../shared/data', import.meta.url));

/** A suite that needs the shared data: skipped, and said to be, only where that folder is absent. */
export const describeShared = existsSync(sharedData) ? describe : describe.skip;
