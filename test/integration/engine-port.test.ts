import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tempDir } from '../fixtures/temp-dir.ts';

test('a large checkpoint has arrived before the engine computes again', async () => {
  const arrived = join(tempDir(), 'arrived');
  const engine = fork(
    fileURLToPath(new URL('../fixtures/busy-engine.ts', import.meta.url)),
    [arrived, '30'],
    { serialization: 'advanced' },
  );
  engine.once('message', () => writeFileSync(arrived, ''));
  expect(await once(engine, 'exit')).toEqual([0, null]);
});
