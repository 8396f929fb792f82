import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeWholeFile } from '../../../main/files/write-whole-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thinslice-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('writeWholeFile', () => {
  it('writes pieces that share two buffers in turn', async () => {
    const size = 1 << 20;
    function* pieces(): Generator<Uint8Array> {
      const buffers = [new Uint8Array(size), new Uint8Array(size)] as const;
      for (let n = 0; n < 9; n++) yield buffers[n % 2 === 0 ? 0 : 1].fill(n);
      yield new Uint8Array(0);
      yield Uint8Array.of(9);
    }
    const path = join(folder, 'file');
    expect(await writeWholeFile(path, pieces())).toBe(9 * size + 1);
    const written = readFileSync(path);
    expect(written).toHaveLength(9 * size + 1);
    expect(written.every((byte, i) => byte === Math.floor(i / size))).toBe(true);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('leaves nothing where making a piece fails while another is written', async () => {
    function* pieces(): Generator<Uint8Array> {
      yield new Uint8Array(1 << 20);
      throw new Error('no more');
    }
    await expect(writeWholeFile(join(folder, 'file'), pieces())).rejects.toThrow('no more');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([0, 1])('leaves nothing where a piece cannot be written, with %i after it', async (after) => {
    let ended = false;
    function* pieces(): Generator<Uint8Array> {
      try {
        yield Uint8Array.of(1);
        yield { byteLength: 1 } as Uint8Array;
        for (let n = 0; n < after; n++) yield Uint8Array.of(2);
      } finally {
        ended = true;
      }
    }
    await expect(writeWholeFile(join(folder, 'file'), pieces())).rejects.toThrow(TypeError);
    expect(ended).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });
});
