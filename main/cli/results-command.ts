import { Command } from 'commander';
import type { ExportFormat } from '../contract/engine-protocol.ts';
import { researchUseOnly } from '../core/report/report.ts';
import { describeVerdict } from '../core/dicom/read/describe-verdict.ts';
import { listMeasurements, listResults } from '../db/queries/results.ts';
import { getJob } from '../services/jobs.ts';
import { exportStoredResult, getResult } from '../services/results.ts';
import { printMeasurements } from './measurements-table.ts';
import { printJson, printLine, printTable } from './output.ts';
import type { RunSession } from './run-command.ts';
import { intensityUnit } from '../services/intensity-unit.ts';
import { formatHelp, parseFormats } from './segment-command.ts';

export function resultsCommand(run: RunSession): Command {
  const results = new Command('results').description('list, show and export stored results');
  results
    .command('list')
    .description('list all results, the newest first')
    .option('--json', 'print one JSON document')
    .action((_options: unknown, command: Command) =>
      run(command, async ({ context, json }) => {
        const all = listResults(context.db);
        if (json) return printJson({ results: all.map(({ recipe: _recipe, ...rest }) => rest) });
        printTable(
          [{ head: 'Id' }, { head: 'Made' }, { head: 'Model' }, { head: 'Geometry' }],
          all.map((each) => [each.id, each.createdAt, each.modelName, each.geometry.outcome]),
        );
      }),
    );
  results
    .command('show')
    .description('show the measurements of a result, and what it was made with')
    .argument('<id>')
    .option('--json', 'print one JSON document')
    .action((id: string, _options: unknown, command: Command) =>
      run(command, async ({ context, json }) => {
        const result = getResult(context.db, id);
        const { input } = getJob(context.db, result.jobId);
        const labels = listMeasurements(context.db, id);
        const { recipe: _recipe, ...facts } = result;
        if (json) return printJson({ result: facts, input: input.path, labels });
        printLine(`Input     ${input.path}`);
        printLine(`Geometry  ${describeVerdict(result.geometry)}`);
        printLine(`Model     ${result.modelName} (${result.variant}) on ${result.device}`);
        printLine(`Made      ${result.createdAt} by Thinslice ${result.appVersion}`);
        if (result.parentId !== null) printLine(`Edited    by hand, from ${result.parentId}`);
        const { state, note, reviewedAt } = result.review;
        if (reviewedAt !== null)
          printLine(`Review    ${[`${state} ${reviewedAt}`, note].filter(Boolean).join(': ')}`);
        printLine();
        printMeasurements(labels, intensityUnit(input));
        printLine();
        printLine(researchUseOnly);
      }),
    );
  results
    .command('export')
    .description('write a result to files')
    .argument('<id>')
    .option('--out <dir>', 'folder for the files', '.')
    .option('--format <list>', formatHelp, parseFormats)
    .option('--json', 'print one JSON document')
    .action((id: string, options: { out: string; format?: ExportFormat[] }, command: Command) =>
      run(command, async ({ context, signal, json }) => {
        const files = await exportStoredResult(context, id, options.out, options.format, { signal });
        if (json) return printJson({ result: id, files });
        for (const file of files) printLine(`${file.format.padEnd(13)} ${file.path}`);
      }),
    );
  return results;
}
