import { Command } from 'commander';
import { formatDice } from '../core/report/describe-fidelity.ts';
import { researchUseOnly } from '../core/report/report.ts';
import { defaultTuneRecipe, tuneVariant, type TuneReport } from '../services/tune.ts';
import { printJson, printLine } from './output.ts';
import { collect, parseCount, parsePositive, parseWhole } from './parse-options.ts';
import { progressDisplay } from './progress-display.ts';
import type { RunSession } from './run-command.ts';

interface Options {
  readonly on: readonly string[];
  readonly holdOut: readonly string[];
  readonly labels?: string;
  readonly minutes: number;
  readonly steps: number;
  readonly rate: number;
  readonly seed: number;
  readonly threads: number;
}

export function tuneCommand(run: RunSession): Command {
  const { minutes, steps, learningRate, seed } = defaultTuneRecipe;
  return new Command('tune')
    .description(
      'let a compressed variant learn from the full network, on unlabelled images of your own, or from labels',
    )
    .argument('<id>')
    .argument('<variant>')
    .option('--on <path>', 'study folder or NIfTI file to learn on; repeat for more', collect, [])
    .option(
      '--hold-out <path>',
      'to judge by, never learnt from; repeat for more (default: a quarter of the images)',
      collect,
      [],
    )
    .option(
      '--labels <folder>',
      'learn from label maps instead, and judge by them: NIfTI files named as the images, or DICOM SEG of their series',
    )
    .option('--minutes <n>', 'how long it may learn', parsePositive, minutes)
    .option('--steps <n>', 'how many steps at most', parseWhole, steps)
    .option(
      '--rate <n>',
      'learning rate, less for what agrees in more than half already',
      parsePositive,
      learningRate,
    )
    .option('--seed <n>', 'of the patches that are drawn', parseWhole, seed)
    .option('--threads <n>', 'threads on the CPU (0: as many as there are cores)', parseCount, 0)
    .option('--json', 'print one JSON document')
    .action((model: string, variant: string, options: Options, command: Command) =>
      run(command, async ({ context, signal, json }) => {
        const display = progressDisplay();
        try {
          const { on, holdOut, labels, minutes, steps, rate, seed, threads } = options;
          const recipe = { ...defaultTuneRecipe, minutes, steps, learningRate: rate, seed };
          const report = await tuneVariant(
            context,
            { model, variant, on, holdOut, labels, recipe, threads },
            {
              signal,
              onScan: display.showScan,
              onProgress: display.show,
              onResume: (done) => display.say(`Going on after the ${done} steps of an interrupted run.`),
            },
          );
          display.stop();
          if (json) printJson({ ...report, model: report.model.id });
          else printReport(report);
        } finally {
          display.stop();
        }
      }),
    );
}

function printReport({ model, variant, from, byLabels, folds, images }: TuneReport): void {
  printLine(`Model     ${model.name} (${model.id})`);
  for (const [index, fold] of folds.entries()) {
    const where = folds.length > 1 ? ` of fold ${index}` : '';
    const last = fold.losses.at(-1)?.toFixed(4) ?? '–';
    printLine(`Learnt    ${fold.steps} steps${where} in ${fold.seconds.toFixed(0)} s, loss ${last}`);
    if (fold.diverged) printLine('          It diverged; what was best until then is what counts.');
  }
  const reference = byLabels ? 'the labels drawn' : 'the full network';
  for (const { name, before, after } of images) {
    printLine(
      `Held out  ${name}: Dice with ${reference} ${formatDice(before)} before, ${formatDice(after)} after`,
    );
  }
  printLine(
    variant === null
      ? `Not kept: it agrees no better than ${from} with ${reference} on images held out.`
      : `Stored    ${variant}`,
  );
  printLine();
  printLine(researchUseOnly);
}
