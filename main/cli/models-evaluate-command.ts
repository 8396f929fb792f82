import { Command, InvalidArgumentError, Option } from 'commander';
import { defaultPolicy } from '../core/choose/choice.ts';
import { describeFidelity, describeLosses, formatDice } from '../core/report/describe-fidelity.ts';
import { researchUseOnly } from '../core/report/report.ts';
import type { VariantFidelity } from '../core/report/variant-fidelity.ts';
import { reportFidelity } from '../core/segment/6-measure/rank-labels.ts';
import type { EvaluationRow } from '../db/queries/evaluations.ts';
import { deviceNames } from '../services/devices.ts';
import { evaluateModel, type EvaluationReport } from '../services/evaluate.ts';
import { printJson, printLine, printTable } from './output.ts';
import { collect, collectChannel, parseCount } from './parse-options.ts';
import { progressDisplay } from './progress-display.ts';
import type { RunSession } from './run-command.ts';
import { sayProblems } from './segment-command.ts';

interface Options {
  readonly on: readonly string[];
  readonly series?: string;
  readonly channel?: Readonly<Record<string, string>>;
  readonly variant: readonly string[];
  readonly reference?: string;
  readonly tolerance?: number;
  readonly device: string;
  readonly threads: number;
}

/** Rows a variant in the table of the text report; --json has them all. */
const rowsAtMost = 5;

export function evaluateCommand(run: RunSession): Command {
  return new Command('evaluate')
    .description('compare the variants of a model with the full one, label by label, on images of your own')
    .argument('<id>')
    .option(
      '--on <path>',
      'study folder or NIfTI file, can be given several times (default for a CT model: the sample study)',
      collect,
      [],
    )
    .option('--series <uid>', 'SeriesInstanceUID, or a volume id that "thinslice studies" shows')
    .option(
      '--channel <name=path>',
      'a further input channel of the model, as for "thinslice segment"',
      collectChannel,
    )
    .option(
      '--variant <name>',
      'one to compare, can be given several times (default: all of them)',
      collect,
      [],
    )
    .option(
      '--reference <file>',
      'labelmap of the image that somebody else made (NIfTI or DICOM SEG), to compare every variant with, the full one too; a label that it lacks counts as absent from the image',
    )
    .option(
      '--tolerance <mm>',
      'distance up to which surfaces count as the same in surface Dice (default: the model’s largest spacing, since its network sees no finer)',
      parseTolerance,
    )
    .addOption(new Option('--device <name>', 'what runs the network').choices(deviceNames).default('auto'))
    .option('--threads <n>', 'threads of the network on the CPU (0: onnxruntime decides)', parseCount, 0)
    .option('--json', 'print one JSON document')
    .action((id: string, options: Options, command: Command) =>
      run(command, async ({ context, signal, json }) => {
        const display = progressDisplay();
        try {
          const { on, series, variant: variants, reference, device, threads } = options;
          const order = { model: id, on, series, variants, reference, device, threads };
          const channels = options.channel ?? {};
          const report = await evaluateModel(
            context,
            { ...order, channels, toleranceMm: options.tolerance },
            {
              signal,
              onScan: display.showScan,
              onProblems: (problems) => sayProblems(problems, display.say),
              onStep: ({ variant, image, number, total }) =>
                display.say(`${number} of ${total}: ${variant} on ${image}`),
              onProgress: display.show,
              onEvaluated: (evaluation) => display.say(`Stored: ${describeEvaluation(evaluation)}`),
            },
          );
          display.stop();
          if (json) printJson(reportDocument(report));
          else printReport(report);
        } finally {
          display.stop();
        }
      }),
    );
}

function parseTolerance(text: string): number {
  const mm = Number(text);
  if (!(mm >= 0 && mm <= 100) || text.trim() === '') {
    throw new InvalidArgumentError('expected millimetres, 0 to 100');
  }
  return mm;
}

function describeEvaluation({ variantId, imageName, reference, labels }: EvaluationRow): string {
  const { dice } = reportFidelity([labels]);
  const overlap = dice === null ? 'no label in either' : `overlap ${formatDice(dice)}`;
  const what = reference === 'full' ? 'the full model' : 'the reference';
  return `${variantId} with ${what} on ${imageName}: ${overlap}`;
}

function reportDocument({ model, evaluations, ...report }: EvaluationReport): Record<string, unknown> {
  const names = new Map(model.recipe.labels.map(({ value, name }) => [value, name]));
  return {
    model: { id: model.id, name: model.name, sha256: model.sha256 },
    ...report,
    fidelityFloor: defaultPolicy.fidelityFloor,
    fidelity: fidelityDocument(report.fidelity),
    evaluations: evaluations.map((evaluation) => ({
      ...evaluation,
      labels: evaluation.labels.map((label) => ({ name: names.get(label.value), ...label })),
    })),
  };
}

/** With the labels that are not to be trusted by name, and the sentence. */
export function fidelityDocument(fidelity: readonly VariantFidelity[]): Record<string, unknown>[] {
  const floor = defaultPolicy.fidelityFloor;
  return fidelity.map((each) => ({
    ...each,
    doNotTrust: each.labels.filter(({ dice }) => dice < floor).map(({ name }) => name),
    description: describeFidelity(each, floor),
  }));
}

/** A sentence for each variant. */
export function printFidelity(fidelity: readonly VariantFidelity[]): void {
  for (const each of fidelity) {
    printLine(`${describeFidelity(each, defaultPolicy.fidelityFloor)}.`);
    if (each.losses) printLine(`${describeLosses(each.variant, each.losses)}.`);
  }
}

function printReport({ model, device, toleranceMm, fidelity, evaluations }: EvaluationReport): void {
  printLine(`Model     ${model.name} (${model.id}) on ${device}`);
  printLine(`Surfaces  the same up to ${Number(toleranceMm.toPrecision(4))} mm`);
  printLine();
  printWorstLabels(fidelity);
  printFidelity(fidelity);
  const ofFull = evaluations.filter(({ variantId }) => variantId === `${model.id}/full`);
  for (const evaluation of ofFull) printLine(`${describeEvaluation(evaluation)}.`);
  printLine();
  printLine(researchUseOnly);
}

function printWorstLabels(fidelity: readonly VariantFidelity[]): void {
  const rows = fidelity.flatMap(({ variant, labels }) =>
    labels.slice(0, rowsAtMost).map((label) => [
      variant,
      label.name,
      formatDice(label.dice),
      formatPart(label.sensitivity, 2),
      // Most of an image is not the label.
      formatPart(label.specificity, 4),
      label.hd95Mm === null ? '–' : label.hd95Mm.toFixed(1),
      formatDice(label.surfaceDice),
    ]),
  );
  if (rows.length === 0) return;
  const right = (head: string) => ({ head, align: 'right' as const });
  const figures = ['Dice', 'Sensitivity', 'Specificity', 'HD95 mm', 'Surface Dice'].map(right);
  printTable([{ head: 'Variant' }, { head: 'Label' }, ...figures], rows);
  const most = Math.max(...fidelity.map(({ labels }) => labels.length));
  if (most > rowsAtMost) printLine(`The ${rowsAtMost} labels of each that suffer most; --json lists all.`);
  printLine();
}

/** Rounded down. */
function formatPart(part: number | null, digits: number): string {
  if (part === null) return '–';
  return (Math.floor(part * 10 ** digits + 1e-9) / 10 ** digits).toFixed(digits);
}
