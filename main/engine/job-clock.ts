import type { Progress, SegmentOutcome, Stage } from '../contract/engine-protocol.ts';
import type { Send } from './port.ts';

/** How long each stage took, and the progress messages of one job. */
export interface JobClock {
  /** Adds the time that `work` takes to the stage. */
  readonly time: <T>(stage: Stage, work: () => Promise<T>) => Promise<T>;
  /** A listener that reports progress of the stage, at most a few times a second. */
  readonly progress: (stage: Stage) => (done: number, total: number, secondsLeft?: number | null) => void;
  readonly seconds: () => SegmentOutcome['stageSeconds'];
}

const reportEveryMs = 200;

export function createJobClock(jobId: string, send: Send): JobClock {
  const spent: Partial<Record<Stage, number>> = {};
  let last: { readonly stage: Stage; readonly at: number } | null = null;
  const report = (progress: Progress) => {
    const now = performance.now();
    const final = progress.done === progress.total;
    if (!final && last?.stage === progress.stage && now - last.at < reportEveryMs) return;
    last = { stage: progress.stage, at: now };
    send({ type: 'progress', jobId, progress });
  };
  return {
    time: async (stage, work) => {
      const start = performance.now();
      try {
        return await work();
      } finally {
        spent[stage] = (spent[stage] ?? 0) + (performance.now() - start) / 1000;
      }
    },
    progress:
      (stage) =>
      (done, total, secondsLeft = null) =>
        report({ stage, done, total, secondsLeft }),
    seconds: () => ({ ...spent }),
  };
}
