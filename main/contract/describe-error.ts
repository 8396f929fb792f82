import { describeFlaw } from '../core/dicom/read/describe-flaw.ts';
import type { AppError } from './app-error.ts';

/** What an error means in words: what is wrong, in which file, and what to do. */
export function describeError(error: AppError): string {
  switch (error.code) {
    case 'usage':
      return error.detail;
    case 'input-unreadable':
      return `Cannot read ${error.path}: ${cause(error.detail)}. Check the path and the permissions.`;
    case 'input-refused':
      return `${error.path} cannot be segmented: ${error.detail}.`;
    case 'recipe-refused':
      return `${error.path} cannot be used as a recipe: ${error.detail}.`;
    case 'reference-refused':
      return `${error.path} cannot be compared with: ${error.detail}.`;
    case 'no-images':
      return describeNoImages(error);
    case 'series-not-found':
      return `${error.path} has no series ${error.series}. "thinslice studies" lists what is there.`;
    case 'geometry-refused':
      return describeGeometry(error);
    case 'channel-mismatch':
      return `Channel ${error.channel}: ${error.detail}.`;
    case 'model-not-found':
      return `There is no model ${error.model}. "thinslice models list" shows the imported ones.`;
    case 'model-refused':
      return `${error.path} cannot be used as a model: ${cause(error.detail)}.`;
    case 'model-corrupt':
      return `Model ${error.model} is damaged in the database: ${error.detail}. Remove it with "thinslice models remove ${error.model}" and import it again.`;
    case 'device-failed':
      return `${error.device} could not run the network: ${error.detail}. Try --device cpu.`;
    case 'nothing-to-choose':
      return error.detail;
    case 'engine-died':
      return `The inference process ended unexpectedly: ${error.detail}. Run the same command again: it goes on from what was kept last.`;
    case 'out-of-memory':
      return `${error.device} ran out of memory: ${error.detail}. Close other programs or choose a smaller model.`;
    case 'output-failed':
      return `Cannot write ${error.path}: ${cause(error.detail)}. Nothing half-written was left there.${storedResult(error.resultId)}`;
    case 'database-unusable':
      return `The database ${error.path} cannot be used: ${cause(error.detail)}.`;
    case 'not-found':
      return `There is no ${error.what} ${error.id}. "thinslice ${error.what}s list" shows what there is.`;
    case 'cancelled':
      return `Cancelled.${storedResult(error.resultId)}`;
    case 'bug':
      return `Something went wrong inside Thinslice: ${error.detail}. Nothing that is stored was changed by it; the log has the details.`;
  }
}

function describeNoImages({ path, filesSkipped, problem }: AppError & { code: 'no-images' }): string {
  const skipped = `${filesSkipped} other ${filesSkipped === 1 ? 'file' : 'files'} skipped`;
  if (!problem) return `${path} holds no DICOM images (${skipped}). Name a study folder or a NIfTI file.`;
  return `${path} holds no DICOM images that can be used (${skipped}): ${problem.file}: ${describeFlaw(problem.flaw)}.`;
}

function describeGeometry({
  path,
  series,
  findings,
  problem,
}: AppError & { code: 'geometry-refused' }): string {
  const where = path ? ` in ${path}` : '';
  const file = problem ? ` Not used: ${problem.file}: ${describeFlaw(problem.flaw)}.` : '';
  return `Series ${series}${where} is not a plain volume: ${findings}.${file} Choose another series with --series.`;
}

/** The work was done, only not its export. */
function storedResult(id: string | undefined): string {
  return id === undefined ? '' : ` The result is stored: "thinslice results export ${id}" writes it again.`;
}

/** Codes of the operating system and of SQLite, for which the code that met them has no better words. */
const systemCauses: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a file stands where a folder is needed',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'symbolic links that lead back to themselves',
  EIO: 'the medium has errors',
  EBUSY: 'another program holds it',
  EMFILE: 'too many files are open',
  SQLITE_BUSY: 'another program keeps it locked; try again when that has ended',
  SQLITE_CANTOPEN: 'it cannot be opened; check the folder and its permissions',
  SQLITE_CORRUPT: 'it is damaged; put a backup in its place',
  SQLITE_FULL: 'the disk is full',
  SQLITE_IOERR: 'the disk has errors or is full',
  SQLITE_NOTADB: 'it is no database; move that file away',
  SQLITE_READONLY: 'it is read-only',
  SQLITE_TOOBIG: 'something is larger than the database can hold (1 GB)',
};

function cause(detail: string): string {
  // SQLite's extended codes begin with the plain one: SQLITE_IOERR_WRITE.
  return systemCauses[detail] ?? systemCauses[/^SQLITE_[A-Z]+/.exec(detail)?.[0] ?? ''] ?? detail;
}

/** The command's exit code for an error: 2 usage, 3 input, 4 model, 5 device, 6 storage, 130 cancelled. */
export function exitCodeOf(error: AppError): number {
  switch (error.code) {
    case 'usage':
      return 2;
    case 'input-unreadable':
    case 'input-refused':
    case 'recipe-refused':
    case 'reference-refused':
    case 'no-images':
    case 'series-not-found':
    case 'geometry-refused':
    case 'channel-mismatch':
    case 'not-found':
      return 3;
    case 'model-not-found':
    case 'model-refused':
    case 'model-corrupt':
      return 4;
    case 'device-failed':
    case 'nothing-to-choose':
    case 'engine-died':
    case 'out-of-memory':
      return 5;
    case 'output-failed':
    case 'database-unusable':
      return 6;
    case 'cancelled':
      return 130;
    case 'bug':
      return 1;
  }
}
