import { Command } from 'commander';
import { describeError } from '../contract/describe-error.ts';
import { listJobs } from '../db/queries/jobs.ts';
import { markInterruptedJobs } from '../services/jobs.ts';
import { printJson, printTable } from './output.ts';
import type { RunSession } from './run-command.ts';

export function jobsCommand(run: RunSession): Command {
  const jobs = new Command('jobs').description(
    'list what was run; an interrupted job goes on when it is run again',
  );
  jobs
    .command('list')
    .option('--json', 'print one JSON document')
    .action((_options: unknown, command: Command) =>
      run(command, async ({ context, json }) => {
        markInterruptedJobs(context);
        const all = listJobs(context.db);
        if (json) return printJson({ jobs: all.map(({ input, ...job }) => ({ ...job, input: input.path })) });
        printTable(
          [{ head: 'Id' }, { head: 'Begun' }, { head: 'State' }, { head: 'Input' }, { head: 'Cause' }],
          all.map((job) => [
            job.id,
            job.createdAt,
            job.state,
            job.input.path,
            job.error ? describeError(job.error) : '',
          ]),
        );
      }),
    );
  return jobs;
}
