import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../../main/files/make-folder.ts';
import { tempDir } from '../../fixtures/temp-dir.ts';

describe('makeFolder', () => {
  it('makes a folder and those above it, and leaves one alone that is there', () => {
    const path = join(tempDir(), 'a', 'ü b', 'c');
    makeFolder(path);
    makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it('says why it cannot', () => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    expect(() => makeFolder(file)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(() => makeFolder(join(file, 'below'))).toThrow(/ENOTDIR|EEXIST/);
  });

  it.skipIf(!existsSync('/proc'))(
    'returns where the system answers that an existing folder is not there',
    () => {
      expect(() => makeFolder('/proc/thinslice/below')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    },
  );
});
