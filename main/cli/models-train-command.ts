import { Command } from 'commander';
import { formatDice } from '../core/report/describe-fidelity.ts';
import { researchUseOnly } from '../core/report/report.ts';
import { trainModel, type TrainReport } from '../services/train.ts';
import { printJson, printLine, printTable } from './output.ts';
import { collect, parseCount, parsePositive, parseWhole } from './parse-options.ts';
import { progressDisplay } from './progress-display.ts';
import type { RunSession } from './run-command.ts';

interface Options {
  readonly on: readonly string[];
  readonly holdOut: readonly string[];
  readonly labels?: string;
  readonly minutes?: number;
  readonly steps?: number;
  readonly seed?: number;
  readonly threads: number;
  readonly out?: string;
}

export function trainCommand(run: RunSession): Command {
  return new Command('train')
    .description(
      'train a network from scratch by a recipe, on images that its rule labels or that have label maps',
    )
    .argument('<recipe>', 'JSON file, such as resources/recipes/ct-tissue.json')
    .option('--on <path>', 'study folder, NIfTI file or folder of such; repeat for more', collect, [])
    .option(
      '--hold-out <path>',
      'to judge by, never learnt from; repeat for more (default: what the recipe says, else a quarter)',
      collect,
      [],
    )
    .option('--labels <folder>', 'label maps: NIfTI files named as the images, or DICOM SEG of their series')
    .option('--minutes <n>', 'how long it may learn (default: the recipe’s)', parsePositive)
    .option('--steps <n>', 'how many steps instead, so that it can be repeated to the byte', parseWhole)
    .option('--seed <n>', 'of the first weights and all that is drawn (default: the recipe’s)', parseWhole)
    .option('--threads <n>', 'threads on the CPU (0: as many as there are cores)', parseCount, 0)
    .option('--out <folder>', 'write network, manifest and card there as well')
    .option('--json', 'print one JSON document')
    .action((recipe: string, options: Options, command: Command) =>
      run(command, async ({ context, signal, json }) => {
        const display = progressDisplay();
        try {
          const report = await trainModel(
            context,
            { ...options, recipe, labels: options.labels ?? null },
            {
              signal,
              onScan: display.showScan,
              onProgress: display.show,
              onResume: (done) => display.say(`Going on after the ${done} steps of an interrupted run.`),
            },
          );
          display.stop();
          if (json) printJson(document(report));
          else print(report);
        } finally {
          display.stop();
        }
      }),
    );
}

function document({ model, card, trained, files }: TrainReport): Readonly<Record<string, unknown>> {
  const { seconds, bestScore, normalization, heldOut } = trained;
  return { model: model.id, sha256: model.sha256, card, seconds, bestScore, normalization, heldOut, files };
}

function print({ model, trained, files }: TrainReport): void {
  const { steps, seconds, losses, judgements, bestScore, diverged, heldOut } = trained;
  printLine(`Model     ${model.name} (${model.id})`);
  printLine(`Learnt    ${steps} steps in ${seconds.toFixed(0)} s, loss ${losses.at(-1)?.toFixed(4) ?? '–'}`);
  if (diverged) printLine('          It diverged; what was best until then is what was kept.');
  const first = formatDice(judgements[0]?.score ?? 0);
  printLine(
    `Judged    mean Dice ${first} before, ${formatDice(bestScore)} after, on parts of what is held out`,
  );
  for (const { name, labels } of heldOut) {
    printLine();
    printLine(`Held out  ${name}`);
    printTable(
      [
        { head: 'Label' },
        { head: 'Dice', align: 'right' },
        { head: 'Voxels', align: 'right' },
        { head: 'Found', align: 'right' },
      ],
      labels.map((each) => [
        each.name,
        formatDice(each.dice),
        String(each.referenceVoxels),
        String(each.predictedVoxels),
      ]),
    );
  }
  if (files.length > 0) printLine();
  for (const file of files) printLine(`Written   ${file}`);
  printLine();
  printLine(researchUseOnly);
}
