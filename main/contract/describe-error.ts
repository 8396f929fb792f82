import type { AppError } from './app-error.ts';

/** What an error means in words: what is wrong, in which file, and what to do. */
export function describeError(error: AppError): string {
  switch (error.code) {
    case 'usage':
      return error.detail;
    case 'input-unreadable':
      return `Cannot read ${error.path}: ${error.detail}. Check the path and the permissions.`;
    case 'input-refused':
      return `${error.path} cannot be segmented: ${error.detail}.`;
    case 'no-images':
      return `${error.path} holds no DICOM images (${error.filesSkipped} other files skipped). Name a study folder or a NIfTI file.`;
    case 'series-not-found':
      return `${error.path} has no series ${error.series}. "thinslice studies" lists what is there.`;
    case 'geometry-refused':
      return `Series ${error.series} is not a plain volume: ${error.findings}. Choose another series with --series.`;
    case 'channel-mismatch':
      return `Channel ${error.channel}: ${error.detail}.`;
    case 'model-not-found':
      return `There is no model ${error.model}. "thinslice models list" shows the imported ones.`;
    case 'model-refused':
      return `${error.path} cannot be used as a model: ${error.detail}.`;
    case 'model-corrupt':
      return `Model ${error.model} is damaged in the database: ${error.detail}. Remove it and import it again.`;
    case 'device-failed':
      return `${error.device} could not run the network: ${error.detail}. Try --device cpu.`;
    case 'engine-died':
      return `The inference process ended unexpectedly: ${error.detail}. Run the same command again: it goes on from the last finished slab.`;
    case 'out-of-memory':
      return `${error.device} ran out of memory: ${error.detail}. Close other programs or choose a smaller model.`;
    case 'output-failed':
      return `Cannot write ${error.path}: ${error.detail}. Nothing half-written was left there.`;
    case 'database-unusable':
      return `The database ${error.path} cannot be used: ${error.detail}.`;
    case 'not-found':
      return `There is no ${error.what} ${error.id}.`;
    case 'cancelled':
      return 'Cancelled.';
  }
}

/** The command's exit code for an error: 2 usage, 3 input, 4 model, 5 device, 6 storage, 130 cancelled. */
export function exitCodeOf(error: AppError): number {
  switch (error.code) {
    case 'usage':
      return 2;
    case 'input-unreadable':
    case 'input-refused':
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
    case 'engine-died':
    case 'out-of-memory':
      return 5;
    case 'output-failed':
    case 'database-unusable':
      return 6;
    case 'cancelled':
      return 130;
  }
}
