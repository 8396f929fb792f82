import { Command, InvalidArgumentError, Option } from 'commander';
import { exportFormats, type ExportFormat } from '../contract/engine-protocol.ts';
import { AppFailure, type AppError } from '../contract/app-error.ts';
import { describeError } from '../contract/describe-error.ts';
import { defaultPolicy } from '../core/choose/choice.ts';
import { researchUseOnly } from '../core/report/report.ts';
import type { FolderScan } from '../core/dicom/study.ts';
import { describeFlaw } from '../core/dicom/read/describe-flaw.ts';
import { describeVerdict } from '../core/dicom/read/describe-verdict.ts';
import { automatic, type Decision } from '../services/choose.ts';
import { deviceNames } from '../services/devices.ts';
import { intensityUnit } from '../services/intensity-unit.ts';
import { segment, type SegmentReport } from '../services/segment.ts';
import { formatBytes, printJson, printLine } from './output.ts';
import { progressDisplay } from './progress-display.ts';
import { collectChannel, parseCount } from './parse-options.ts';
import { printMeasurements } from './measurements-table.ts';
import type { RunSession } from './run-command.ts';

interface Options {
  readonly series?: string;
  readonly model?: string;
  readonly variant: string;
  readonly timeWish?: number;
  readonly channel?: Readonly<Record<string, string>>;
  readonly device: string;
  readonly threads: number;
  readonly out?: string;
  readonly format?: readonly ExportFormat[];
}

export function segmentCommand(run: RunSession): Command {
  return new Command('segment')
    .description('segment a DICOM study folder, or one NIfTI file')
    .argument('<folder>', 'study folder, DICOM file or .nii/.nii.gz file')
    .option('--series <uid>', 'SeriesInstanceUID, or a volume id that "thinslice studies" shows')
    .option('--model <id>', 'an imported model (default: the bundled CT tissue model)')
    .option(
      '--variant <name>',
      'full, or a compressed variant of the model; auto takes the most faithful that fits memory and time',
      automatic,
    )
    .option(
      '--channel <name=path>',
      'a further input channel of the model: a file, a folder or a SeriesInstanceUID in FOLDER; repeat for each',
      collectChannel,
    )
    .addOption(new Option('--device <name>', 'what runs the network').choices(deviceNames).default(automatic))
    .option(
      '--time-wish <seconds>',
      `how long it may take, if a faithful variant is that fast (default: ${defaultPolicy.maxSeconds})`,
      parseSeconds,
    )
    .option('--threads <n>', 'threads of the network on the CPU (0: onnxruntime decides)', parseCount, 0)
    .option('--out <dir>', 'folder for the exports; nothing is exported without it')
    .option('--format <list>', formatHelp, parseFormats)
    .option('--json', 'print one JSON document')
    .action((folder: string, options: Options, command: Command) =>
      run(command, async ({ context, signal, json }) => {
        if (options.format && options.out === undefined) {
          throw new AppFailure({ code: 'usage', detail: '--format needs --out, the folder to write to.' });
        }
        const display = progressDisplay();
        try {
          const report = await segment(
            context,
            {
              path: folder,
              series: options.series,
              channels: options.channel ?? {},
              model: options.model,
              variant: options.variant,
              device: options.device,
              maxSeconds: options.timeWish,
              threads: options.threads,
              outDir: options.out,
              formats: options.format,
            },
            {
              signal,
              onScan: display.showScan,
              onProblems: (problems) => sayProblems(problems, display.say),
              onCheck: ({ name }) => display.say(`Checking that ${name} gives right results.`),
              onBenchmark: ({ variant, device }) =>
                display.say(`Timing the ${variant.name} variant on ${device.name}.`),
              onDecision: ({ sentence }) => display.say(sentence),
              onSetback: (decision, { error }) => display.say(describeSetback(decision, error)),
              onProgress: display.show,
              onResume: (planes) => display.say(`Going on after the ${planes} planes of an interrupted run.`),
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

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && Number.isFinite(seconds))) throw new InvalidArgumentError('expected a number above 0');
  return seconds;
}

function describeSetback({ choice }: Decision, error: AppError): string {
  const what = `The ${choice.variant.name} variant`;
  const where = `on ${choice.device.name}, in pieces of ${choice.tileShape.join(' × ')} voxels`;
  if (error.code === 'out-of-memory') {
    return `${what} ran out of memory ${where}; that is remembered, and something smaller is tried.`;
  }
  return `${what} failed ${where} (${describeError(error)}); something else is tried.`;
}

const problemsSaid = 5;

export function sayProblems(problems: FolderScan['problems'], say: (text: string) => void): void {
  for (const { file, flaw } of problems.slice(0, problemsSaid)) {
    say(`Not used: ${file}: ${describeFlaw(flaw)}`);
  }
  if (problems.length > problemsSaid) say(`… and ${problems.length - problemsSaid} more files.`);
}

export const formatHelp = `what to write, of ${exportFormats.join(',')} (default: seg,nifti,csv,json,png)`;

export function parseFormats(text: string): ExportFormat[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(exportFormats as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`no format ${unknown}; there are ${exportFormats.join(', ')}`);
  return [...new Set(names as ExportFormat[])];
}

function reportDocument(report: SegmentReport): Record<string, unknown> {
  const { job, result, measurements, model, decision, files } = report;
  const { choice } = decision;
  const source = job.input.channels[0];
  return {
    job: job.id,
    result: result.id,
    series: source?.kind === 'dicom' ? source.volume.id : null,
    input: job.input.path,
    geometry: { ...result.geometry, description: describeVerdict(result.geometry) },
    model: { id: model.id, name: model.name, sha256: model.sha256, variant: result.variant },
    device: result.device,
    choice: {
      reason: decision.sentence,
      variant: choice.variant.name,
      overlapWithFull: choice.variant.fidelity,
      device: choice.device.name,
      tileShape: choice.tileShape,
      expectedSeconds: choice.expectedSeconds,
      secondsBasis: choice.secondsBasis,
      expectedMemoryBytes: choice.expectedBytes,
      memoryBasis: choice.bytesBasis,
    },
    stageSeconds: result.stageSeconds,
    peakMemoryBytes: result.peakMemoryBytes,
    files,
    labels: measurements,
  };
}

function printReport({ job, result, measurements, model, decision, files }: SegmentReport): void {
  const source = job.input.channels[0];
  if (source?.kind === 'dicom')
    printLine(`Series    ${source.volume.id} (${source.volume.frames.length} slices)`);
  else printLine(`File      ${job.input.path}`);
  printLine(`Geometry  ${describeVerdict(result.geometry)}`);
  printLine(`Model     ${model.name} (${model.id}, ${result.variant}) on ${result.device}`);
  printLine(`Choice    ${decision.sentence}`);
  printLine();
  printMeasurements(measurements, intensityUnit(job.input));
  printLine();
  const { network = 0, ...stages } = result.stageSeconds;
  const seconds = Object.entries(stages).map(
    ([stage, value]) =>
      `${stage} ${value.toFixed(1)} s${stage === 'predict' ? ` (network ${network.toFixed(1)} s)` : ''}`,
  );
  printLine(`Time      ${seconds.join(', ')}`);
  printLine(`Memory    ${formatBytes(result.peakMemoryBytes)} at the most, of the engine`);
  printLine(`Result    ${result.id}`);
  for (const file of files) printLine(`${file.format.padEnd(13)} ${file.path}`);
  printLine();
  printLine(researchUseOnly);
}
