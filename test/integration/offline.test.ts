import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { builtCli, bundledStudy, runThinslice } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const hook = fileURLToPath(new URL('../fixtures/forbid-network.mjs', import.meta.url));

test('the hook sees an attempt, so that its silence means something', () => {
  const record = join(tempDir(), 'record');
  const code = `import net from 'node:net'; try { net.connect(9, '127.0.0.1'); } catch {}`;
  execFileSync(process.execPath, ['--import', hook, '--input-type=module', '-e', code], {
    env: { ...process.env, THINSLICE_TEST_NETWORK_RECORD: record },
  });
  expect(existsSync(record)).toBe(true);
});

test('a whole run, all its processes and threads, asks for no socket and no name', async () => {
  const dir = tempDir();
  const record = join(dir, 'record');
  const run = await runThinslice(
    ['segment', bundledStudy, '--data', join(dir, 'data'), '--out', join(dir, 'out')],
    { NODE_OPTIONS: `--import=${hook}`, THINSLICE_TEST_NETWORK_RECORD: record },
  );
  expect(run.stderr).not.toMatch(/network use/);
  expect(run.code).toBe(0);
  expect(existsSync(record)).toBe(false);
});

test('looking for devices and checking them asks for no socket and no name either', async () => {
  const dir = tempDir();
  const record = join(dir, 'record');
  const run = await runThinslice(['devices', '--check', '--data', join(dir, 'data')], {
    NODE_OPTIONS: `--import=${hook}`,
    THINSLICE_TEST_NETWORK_RECORD: record,
  });
  expect(run.stderr).not.toMatch(/network use/);
  expect(run.code).toBe(0);
  expect(existsSync(record)).toBe(false);
});

/** strace sees what libraries ask of the system past Node; a container may forbid it. */
const canTrace = spawnSync('strace', ['-f', 'true']).status === 0;

test.skipIf(!canTrace)('no process of a run opens an internet socket, libraries included', () => {
  const dir = tempDir();
  const [log, home] = [join(dir, 'strace.log'), join(dir, 'home')];
  const command = ['segment', bundledStudy, '--data', join(dir, 'data'), '--out', join(dir, 'out')];
  // Of its own accord onnxruntime would be silent where a CI runs.
  const { CI: _, ORT_DISABLE_TELEMETRY: __, ...others } = process.env;
  const run = spawnSync(
    'strace',
    ['-f', '-o', log, '-e', 'trace=socket,connect,sendto,sendmsg', process.execPath, builtCli, ...command],
    { encoding: 'utf8', env: { ...others, HOME: home, XDG_CACHE_HOME: join(home, '.cache') } },
  );
  expect(run.status).toBe(0);
  expect(readFileSync(log, 'latin1')).not.toMatch(/AF_INET/);
  expect(existsSync(home)).toBe(false);
});

/** `unshare` needs rights that not every machine gives. */
const canUnshare = spawnSync('unshare', ['--net', 'true']).status === 0;

test.skipIf(!canUnshare)('it works where there is no network interface at all', () => {
  const dir = tempDir();
  const run = spawnSync(
    'unshare',
    ['--net', process.execPath, builtCli, 'segment', bundledStudy, '--data', join(dir, 'data'), '--json'],
    { encoding: 'utf8' },
  );
  expect(run.stderr).not.toMatch(/thinslice:/);
  expect(run.status).toBe(0);
});
