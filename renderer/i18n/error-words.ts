import type { AppError } from '../../main/contract/app-error.ts';
import type { KnownCause } from '../../main/contract/known-cause.ts';
import { wordsOfCause } from './cause-words.ts';
import { en } from './en.ts';
import { wordsOfFlaw } from './flaw-words.ts';
import { t } from './i18n.svelte.ts';
import { wordsOfKnownCause } from './known-cause-words.ts';
import { wordsOfFault, wordsOfRefusal } from './refusal-words.ts';
import { wordsOfVerdict } from './verdict-words.ts';

/** An error in the language of the window: what is wrong, and what to do here. */
export function wordsOf(error: AppError): string {
  switch (error.code) {
    case 'usage':
      return error.cause ? wordsOfKnownCause(error.cause) : t('errors.usage', { detail: error.detail });
    case 'input-unreadable':
      return t('errors.inputUnreadable', { path: error.path, cause: wordsOfCause(error.detail) });
    case 'input-refused':
      return t('errors.inputRefused', { path: error.path, detail: detailOf(error) });
    case 'recipe-refused':
      return t('errors.recipeRefused', { path: error.path, detail: error.detail });
    case 'reference-refused':
      return t('errors.referenceRefused', { path: error.path, detail: error.detail });
    case 'no-images':
      return wordsOfNoImages(error);
    case 'series-not-found':
      return t('errors.seriesNotFound', { path: error.path, series: error.series });
    case 'geometry-refused':
      return wordsOfGeometry(error);
    case 'channel-mismatch':
      return t('errors.channelMismatch', { channel: error.channel, detail: detailOf(error) });
    case 'model-not-found':
      return t('errors.modelNotFound', { model: error.model });
    case 'model-refused':
      return t('errors.modelRefused', { path: error.path, cause: wordsOfCause(error.detail) });
    case 'model-corrupt':
      return t('errors.modelCorrupt', { model: error.model, detail: error.detail });
    case 'device-failed':
      return error.fault
        ? t('errors.deviceFault', { device: error.device, fault: wordsOfFault(error.fault) })
        : t('errors.deviceFailed', { device: error.device, detail: error.detail });
    case 'nothing-to-choose':
      return error.refusal
        ? wordsOfRefusal(error.refusal)
        : t('errors.nothingToChoose', { detail: error.detail });
    case 'engine-died':
      return t('errors.engineDied', { detail: error.detail });
    case 'out-of-memory':
      return t('errors.outOfMemory', { device: error.device, detail: detailOf(error) });
    case 'output-failed': {
      const words = t('errors.outputFailed', { path: error.path, cause: wordsOfCause(error.detail) });
      return withStored(words, error.resultId);
    }
    case 'database-unusable':
      return t('errors.databaseUnusable', { path: error.path, cause: wordsOfCause(error.detail) });
    case 'not-found':
      return wordsOfNotFound(error);
    case 'cancelled':
      return withStored(t('errors.cancelled'), error.resultId);
    case 'bug':
      return t('errors.bug', { detail: error.detail });
  }
}

function detailOf({ detail, cause }: { detail: string; cause?: KnownCause | undefined }): string {
  return cause ? wordsOfKnownCause(cause) : detail;
}

function wordsOfNoImages({ path, filesSkipped, problem }: AppError & { code: 'no-images' }): string {
  if (!problem) return t('errors.noImages', { path, count: filesSkipped });
  return t('errors.noUsableImages', { path, file: problem.file, reason: wordsOfFlaw(problem.flaw) });
}

function wordsOfGeometry(error: AppError & { code: 'geometry-refused' }): string {
  const { series, findings, verdict, problem } = error;
  const words = verdict
    ? t('errors.geometryVerdict', { series, findings: wordsOfVerdict(verdict).join(' ') })
    : t('errors.geometryRefused', { series, findings });
  if (!problem) return words;
  return `${words} ${t('errors.geometryProblem', { file: problem.file, reason: wordsOfFlaw(problem.flaw) })}`;
}

function wordsOfNotFound({ what, id }: AppError & { code: 'not-found' }): string {
  if (what !== 'other' && Object.hasOwn(en.errors.notFound, what))
    return t(`errors.notFound.${what as 'result'}`, { id });
  return t('errors.notFound.other', { what, id });
}

/** The work was done, only not its export. */
function withStored(words: string, resultId: string | undefined): string {
  return resultId === undefined ? words : `${words} ${t('errors.outputStored')}`;
}
