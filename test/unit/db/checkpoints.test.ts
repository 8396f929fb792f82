import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { databaseFile, openDatabase } from '../../../main/db/database.ts';
import { insertBlob } from '../../../main/db/queries/blobs.ts';
import { tempDir } from '../../fixtures/temp-dir.ts';

test('a connection without checkpoints leaves the log to the next one that writes', () => {
  const folder = tempDir();
  const sizeOfFile = () => statSync(join(folder, databaseFile)).size;
  const [window, thread] = [openDatabase(folder, { checkpoints: false }), openDatabase(folder)];
  try {
    const data = new Uint8Array(8 << 20);
    insertBlob(window, { sha256: 'a'.repeat(64), sizeBytes: data.length, encoding: 'raw', data });
    expect(sizeOfFile()).toBeLessThan(data.length);
    insertBlob(thread, { sha256: 'b'.repeat(64), sizeBytes: 1, encoding: 'raw', data: data.subarray(0, 1) });
    expect(sizeOfFile()).toBeGreaterThan(data.length);
  } finally {
    thread.close();
    window.close();
  }
});
