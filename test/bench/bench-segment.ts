import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeLargeModel, writeLargeStudy } from './large-case.ts';
import { runCli, type MeasuredRun } from './run-cli.ts';

const lidc = fileURLToPath(new URL('../../../shared/data/ct/lidc-chest', import.meta.url));
const bundled = fileURLToPath(new URL('../../resources/study', import.meta.url));

/** Time and whole-tree peak memory per stage: a real study with the bundled model, and a large one with a large network. */
export async function benchSegment(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'thinslice-bench-'));
  try {
    const data = ['--data', join(folder, 'data')];
    const source = existsSync(lidc) ? lidc : bundled;
    const small = await runCli(['segment', source, ...data, '--out', join(folder, 'small')]);
    print(`${source === lidc ? 'lidc-chest (160 slices)' : 'bundled study'}, bundled model`, small);

    const study = join(folder, 'study');
    writeLargeStudy(study);
    const imported = await runCli(['models', 'import', writeLargeModel(join(folder, 'model')), ...data]);
    const { id } = imported.document['model'] as { id: string };
    const out = ['--out', join(folder, 'large'), '--format', 'seg,nifti,csv,json,png'];
    const large = await runCli(['segment', study, '--model', id, ...data, ...out]);
    print('512 × 512 × 600, TotalSegmentator-3 mm-sized network (118 outputs, random weights)', large);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function print(title: string, run: MeasuredRun): void {
  const { network = 0, ...stages } = run.document['stageSeconds'] as Record<string, number>;
  const rows = Object.entries(stages).map(([stage, seconds]) => ({
    stage,
    seconds: seconds.toFixed(1),
    'peak of the process tree, MiB': mib(run.peakBytesByStage[stage]),
  }));
  console.log(`\n${title}`);
  console.table([
    ...rows,
    {
      stage: 'whole run',
      seconds: run.seconds.toFixed(1),
      'peak of the process tree, MiB': mib(run.peakBytes),
    },
  ]);
  const rest = (100 * (run.seconds - network)) / run.seconds;
  console.log(`network ${network.toFixed(1)} s; everything else ${rest.toFixed(0)} % of the whole run`);
}

function mib(bytes: number | undefined): string {
  return bytes === undefined ? '-' : (bytes / 2 ** 20).toFixed(0);
}
