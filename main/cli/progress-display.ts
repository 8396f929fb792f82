import { SingleBar } from 'cli-progress';
import type { Progress, Stage } from '../contract/engine-protocol.ts';

const words: Readonly<Record<Stage, string>> = {
  load: 'Reading',
  preprocess: 'Preparing',
  predict: 'Segmenting',
  restore: 'Restoring',
  measure: 'Measuring',
  export: 'Exporting',
};

export interface ProgressDisplay {
  readonly show: (progress: Progress) => void;
  readonly say: (text: string) => void;
  readonly stop: () => void;
}

/** Progress on stderr: a bar on a terminal, otherwise a line whenever a stage begins or a tenth of it is done. */
export function progressDisplay(): ProgressDisplay {
  return process.stderr.isTTY ? barDisplay() : lineDisplay();
}

function barDisplay(): ProgressDisplay {
  const bar = new SingleBar({
    format: '{stage} {bar} {value}/{total} {left}',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
  });
  let started = false;
  const stop = (): void => {
    if (started) bar.stop();
    started = false;
  };
  return {
    show: (progress) => {
      const payload = { stage: words[progress.stage].padEnd(10), left: describeLeft(progress.secondsLeft) };
      if (!started) bar.start(progress.total, progress.done, payload);
      started = true;
      bar.setTotal(progress.total);
      bar.update(progress.done, payload);
    },
    say: (text) => {
      stop();
      process.stderr.write(`${text}\n`);
    },
    stop,
  };
}

function lineDisplay(): ProgressDisplay {
  let last = '';
  return {
    show: ({ stage, done, total, secondsLeft }) => {
      const tenth = total === 0 ? 0 : Math.floor((done * 10) / total);
      const key = `${stage} ${tenth}`;
      if (key === last) return;
      last = key;
      process.stderr.write(`${words[stage]} ${done}/${total} ${describeLeft(secondsLeft)}`.trimEnd() + '\n');
    },
    say: (text) => process.stderr.write(`${text}\n`),
    stop: () => {},
  };
}

function describeLeft(seconds: number | null): string {
  if (seconds === null) return '';
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s left` : `${Math.floor(whole / 60)} min ${whole % 60} s left`;
}
