import { Command, CommanderError, Option } from 'commander';
import { AppFailure, type AppError } from '../contract/app-error.ts';
import { describeError, exitCodeOf } from '../contract/describe-error.ts';
import { asDatabaseFailure } from '../db/database.ts';
import type { Context } from '../services/context.ts';
import { devicesCommand } from './devices-command.ts';
import { jobsCommand } from './jobs-command.ts';
import { modelsCommand } from './models-command.ts';
import { printJson, sayLine, watchOutput } from './output.ts';
import { resultsCommand } from './results-command.ts';
import { segmentCommand } from './segment-command.ts';
import { studiesCommand } from './studies-command.ts';

export interface Application {
  readonly version: string;
  readonly openContext: (dataDir: string | undefined) => Context;
}

/** What a command gets: the services' context, the interrupt signal and whether to print JSON. */
export interface Session {
  readonly context: Context;
  readonly signal: AbortSignal;
  readonly json: boolean;
}

/** Runs work with an open database and Ctrl-C as cancel; closes the database whatever happens. */
export type RunSession = (command: Command, work: (session: Session) => Promise<void>) => Promise<void>;

const cancelledCode = 130;

/**
 * Parses the arguments and runs one command. Returns its exit code: 0 done, 1 a bug, 2 usage, 3 input refused,
 * 4 model refused, 5 device failed, 6 storage failed, 130 cancelled.
 */
export async function runCommand(args: readonly string[], application: Application): Promise<number> {
  watchOutput();
  const run: RunSession = (command, work) => runSession(application, command, work);
  const program = new Command('thinslice')
    .description('Offline segmentation of DICOM studies. Research use only. Not for clinical use.')
    .version(application.version)
    .addOption(new Option('--data <dir>', 'folder of the database (default: the user’s data folder)'))
    .showHelpAfterError('"thinslice --help" and "thinslice COMMAND --help" show what there is.')
    .exitOverride();
  const commands = [
    segmentCommand,
    studiesCommand,
    modelsCommand,
    resultsCommand,
    jobsCommand,
    devicesCommand,
  ];
  for (const add of commands) program.addCommand(add(run));
  inheritSettings(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, args.includes('--json'));
  }
}

/** Commander does not hand these down to commands that were made apart from the program. */
function inheritSettings(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inheritSettings(command);
  }
}

async function runSession(
  application: Application,
  command: Command,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const options = command.optsWithGlobals<{ data?: string; json?: boolean }>();
  const context = application.openContext(options.data);
  const abort = new AbortController();
  const cancel = (): void => {
    // Asked twice: the engine ends with this process, and the job is found interrupted at the next start.
    if (abort.signal.aborted) process.exit(cancelledCode);
    sayLine('Cancelling at the end of this step; once more ends at once.');
    abort.abort();
  };
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  try {
    await work({ context, signal: abort.signal, json: options.json === true });
  } catch (error) {
    throw asDatabaseFailure(error, context.db.name);
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
    context.db.close();
  }
}

/** Says on stderr what went wrong, and with --json on stdout too, as the one document there. */
function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const detail = error.message.replace(/^error: /, '');
    if (json) printError({ code: 'usage', detail }, detail);
    return exitCodeOf({ code: 'usage', detail });
  }
  if (error instanceof AppFailure) {
    const message = describeError(error.error);
    sayLine(`thinslice: ${message}`);
    if (json) printError(error.error, message);
    return exitCodeOf(error.error);
  }
  process.stderr.write(
    `thinslice: a fault of the program itself; please report it.\n${(error as Error).stack}\n`,
  );
  return 1;
}

function printError(error: AppError, message: string): void {
  printJson({ error: { ...error, message } });
}
