import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtCli, runThinslice } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

/** A Node of the system's that is older than the command needs, if there is one. */
function findOldNode(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((node) => {
      const { status, stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
      return status === 0 && Number(/^v(\d+)/.exec(stdout)?.[1]) < 22;
    });
}

const oldNode = findOldNode();

describe('the command', () => {
  it.skipIf(oldNode === undefined)('says so where Node is too old, instead of crashing', () => {
    const args = [builtCli, 'jobs', 'list', '--data', tempDir()];
    const { status, signal, stderr } = spawnSync(oldNode!, args, { encoding: 'utf8' });
    expect(signal).toBeNull();
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^thinslice: Node\.js \d+\.\d+\.\d+ \(.*\) is too old; version 22 or newer is needed\.\n$/,
    );
  });

  it('explains itself, and answers a wrong call with exit code 2', async () => {
    const help = await runThinslice(['segment', '--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/--channel <name=path>/);
    expect(await runThinslice(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    for (const args of [[], ['sing'], ['segment'], ['models', 'show'], ['studies', '.', '--bogus']]) {
      const { code, stdout, stderr } = await runThinslice(args);
      expect(code, args.join(' ')).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/thinslice/);
    }
  });

  it('prints a refusal as its one JSON document where JSON was asked for', async () => {
    const path = join(tempDir(), 'gone');
    const refused = await runThinslice(['segment', path, '--data', tempDir(), '--json']);
    expect(refused.code).toBe(3);
    const { error } = JSON.parse(refused.stdout) as {
      error: { code: string; path: string; message: string };
    };
    expect(error).toMatchObject({ code: 'input-unreadable', path });
    expect(refused.stderr).toBe(`thinslice: ${error.message}\n`);
    const wrong = await runThinslice(['segment', '--json']);
    expect(wrong.code).toBe(2);
    expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: 'usage' } });
  });

  it('shows names without the escape sequences that a terminal would obey', async () => {
    const { code, stderr } = await runThinslice([
      'studies',
      join(tempDir(), '\u001b[2Jx\u0007.dcm'),
      '--data',
      tempDir(),
    ]);
    expect(code).toBe(3);
    expect(stderr).toContain('\ufffd[2Jx\ufffd.dcm');
  });

  it.skipIf(process.platform !== 'linux')('says so where its output cannot be written', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(
      process.execPath,
      [builtCli, 'models', 'list', '--data', tempDir()],
      {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      },
    );
    expect(status).toBe(6);
    expect(stderr).toMatch(/^thinslice: cannot write the output \(ENOSPC\)\n$/);
  });
});
