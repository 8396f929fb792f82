import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { residentBytesOfTree } from './sample-tree.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface MeasuredRun {
  readonly document: Record<string, unknown>;
  readonly seconds: number;
  readonly peakBytes: number;
  /** Largest resident size of the whole process tree while each stage ran. */
  readonly peakBytesByStage: Readonly<Record<string, number>>;
}

/** What the command says on stderr when a stage begins, and the stage's name in its report. */
const stageWords: Readonly<Record<string, string>> = {
  Reading: 'load',
  Preparing: 'preprocess',
  Segmenting: 'predict',
  Restoring: 'restore',
  Measuring: 'measure',
  Exporting: 'export',
};

/** Runs the built command with --json and watches the memory of its process tree. Throws where it fails. */
export async function runCli(args: readonly string[]): Promise<MeasuredRun> {
  const start = performance.now();
  const child = spawn(process.execPath, [cli, ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let stage = 'start';
  const peaks: Record<string, number> = {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    const word = text.trim().split('\n').at(-1)?.split(' ')[0] ?? '';
    stage = stageWords[word] ?? stage;
  });
  const timer = setInterval(() => {
    if (child.pid !== undefined) peaks[stage] = Math.max(peaks[stage] ?? 0, residentBytesOfTree(child.pid));
  }, 50);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`thinslice ${args.join(' ')} ended with ${code}: ${stderr}`);
  return {
    document: JSON.parse(stdout) as Record<string, unknown>,
    seconds: (performance.now() - start) / 1000,
    peakBytes: Math.max(...Object.values(peaks)),
    peakBytesByStage: peaks,
  };
}
