import type { RecentStudy } from '../../../main/contract/ipc/study-channels.ts';

export const studyUses = ['none', 'learn', 'judge'] as const;
export type StudyUse = (typeof studyUses)[number];

/** A place of images that can be learnt on or judged by. */
export interface TuneStudy {
  /** Folder or file. */
  readonly path: string;
  readonly title: string;
  readonly facts: readonly string[];
  readonly use: StudyUse;
}

/** Those whose folder is there, each folder once: what is read of it is its largest volume of the model's kind. */
export function offerStudies(
  recent: readonly RecentStudy[],
  describe: (study: RecentStudy) => Pick<TuneStudy, 'title' | 'facts'>,
): TuneStudy[] {
  const byFolder = new Map<string, TuneStudy>();
  for (const study of recent) {
    if (!study.isPresent || byFolder.has(study.folder)) continue;
    byFolder.set(study.folder, { path: study.folder, ...describe(study), use: 'none' });
  }
  return [...byFolder.values()];
}

/** With one more, to learn on; one that is there is taken for that. */
export function addStudy(studies: readonly TuneStudy[], path: string): TuneStudy[] {
  if (studies.some((each) => each.path === path)) return withUse(studies, path, 'learn');
  const title = path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
  return [...studies, { path, title, facts: [], use: 'learn' }];
}

export function withUse(studies: readonly TuneStudy[], path: string, use: StudyUse): TuneStudy[] {
  return studies.map((each) => (each.path === path ? { ...each, use } : each));
}

export interface Sharing {
  readonly on: readonly string[];
  readonly holdOut: readonly string[];
  /** How many are learnt on and judged by: a quarter, at least one, is held out where nobody chose any (`services/tune-images.ts`). */
  readonly learn: number;
  readonly judge: number;
  readonly lack: 'two' | 'learn' | null;
}

export function shareStudies(studies: readonly TuneStudy[]): Sharing {
  const pathsOf = (use: StudyUse) => studies.filter((each) => each.use === use).map(({ path }) => path);
  const on = pathsOf('learn');
  const holdOut = pathsOf('judge');
  const judge = holdOut.length > 0 ? holdOut.length : Math.max(1, Math.floor(on.length / 4));
  const learn = holdOut.length > 0 ? on.length : Math.max(0, on.length - judge);
  const lack = learn > 0 ? null : holdOut.length > 0 ? 'learn' : 'two';
  return { on, holdOut, learn, judge, lack };
}
