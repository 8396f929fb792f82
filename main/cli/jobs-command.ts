import { Command } from 'commander';
import { describeError } from '../contract/describe-error.ts';
import { listJobs, type JobSummary } from '../db/queries/jobs.ts';
import { markInterruptedJobs } from '../services/jobs.ts';
import { printJson, printTable } from './output.ts';
import type { RunSession } from './run-command.ts';

export function jobsCommand(run: RunSession): Command {
  const jobs = new Command('jobs').description(
    'list what was run; an interrupted job goes on when its command is given again',
  );
  jobs
    .command('list')
    .description('list all jobs, the newest first')
    .option('--json', 'print one JSON document')
    .action((_options: unknown, command: Command) =>
      run(command, async ({ context, json }) => {
        markInterruptedJobs(context);
        const all = listJobs(context.db);
        if (json) return printJson({ jobs: all });
        printTable(
          [
            { head: 'Id' },
            { head: 'Begun' },
            { head: 'State' },
            { head: 'Stage' },
            { head: 'Input' },
            { head: 'Cause' },
          ],
          all.map((job) => [
            job.id,
            job.createdAt,
            job.state,
            stageOf(job),
            job.inputPath,
            job.error ? describeError(job.error) : '',
          ]),
        );
      }),
    );
  return jobs;
}

/** How far it has come, or came. */
function stageOf({ state, stage, done, total }: JobSummary): string {
  return state === 'done' ? '' : `${stage} ${done}/${total}`;
}
