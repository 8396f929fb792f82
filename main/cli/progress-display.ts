import { SingleBar } from 'cli-progress';
import type { Progress, Stage } from '../contract/engine-protocol.ts';
import { formatDice } from '../core/report/describe-fidelity.ts';
import { sayLine } from './output.ts';

const words: Readonly<Record<Stage, string>> = {
  load: 'Reading',
  preprocess: 'Preparing',
  predict: 'Segmenting',
  restore: 'Restoring',
  measure: 'Measuring',
  export: 'Exporting',
  compress: 'Compressing',
  compare: 'Comparing',
  learn: 'Learning',
};

export interface ProgressDisplay {
  /** Files looked at while a folder is walked; how many there are is not known. */
  readonly showScan: (filesSeen: number) => void;
  readonly show: (progress: Progress) => void;
  readonly say: (text: string) => void;
  readonly stop: () => void;
}

/** Progress on stderr: a bar on a terminal, otherwise a line whenever a stage begins or a tenth of it is done. */
export function progressDisplay(): ProgressDisplay {
  return process.stderr.isTTY ? barDisplay() : lineDisplay();
}

// A local disk gives some thousand headers a second; a slow share some ten.
const filesPerUpdate = 100;
const filesPerLine = 1000;

function barDisplay(): ProgressDisplay {
  const bar = new SingleBar({
    format: '{stage} {bar} {value}/{total} {left}',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
  });
  let shown: 'nothing' | 'scan' | 'bar' = 'nothing';
  const stop = (): void => {
    if (shown === 'bar') bar.stop();
    if (shown === 'scan') process.stderr.write('\r\u001b[K');
    shown = 'nothing';
  };
  return {
    showScan: (filesSeen) => {
      if (filesSeen % filesPerUpdate !== 0) return;
      process.stderr.write(`\r${scanned(filesSeen)}`);
      shown = 'scan';
    },
    show: (progress) => {
      const left = [describeLearning(progress), describeLeft(progress.secondsLeft)].join(' ').trim();
      const payload = { stage: words[progress.stage].padEnd(10), left };
      if (shown !== 'bar') {
        stop();
        bar.start(progress.total, progress.done, payload);
      }
      shown = 'bar';
      bar.setTotal(progress.total);
      bar.update(progress.done, payload);
    },
    say: (text) => {
      stop();
      sayLine(text);
    },
    stop,
  };
}

function lineDisplay(): ProgressDisplay {
  let last = '';
  return {
    showScan: (filesSeen) => {
      if (filesSeen % filesPerLine === 0) sayLine(scanned(filesSeen));
    },
    show: (progress) => {
      const { stage, done, total, secondsLeft } = progress;
      const tenth = total === 0 ? 0 : Math.floor((done * 10) / total);
      const key = `${stage} ${tenth}`;
      if (key === last) return;
      last = key;
      const facts = [describeLearning(progress), describeLeft(secondsLeft)].filter((text) => text !== '');
      sayLine([`${words[stage]} ${done}/${total}`, ...facts].join(' '));
    },
    say: sayLine,
    stop: () => {},
  };
}

function scanned(files: number): string {
  return `Looking through the folder: ${files} files`;
}

/** `step 120, loss 0.412, agreement 0.93,` where something learns. */
export function describeLearning({ learning }: Progress): string {
  if (!learning) return '';
  const { fold, folds, steps, loss, agreement } = learning;
  const facts = [
    ...(folds > 1 ? [`fold ${fold + 1} of ${folds}`] : []),
    `step ${steps}`,
    ...(loss === null ? [] : [`loss ${loss.toPrecision(3)}`]),
    `agreement ${formatDice(agreement)}`,
  ];
  return `${facts.join(', ')},`;
}

function describeLeft(seconds: number | null): string {
  if (seconds === null) return '';
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s left` : `${Math.floor(whole / 60)} min ${whole % 60} s left`;
}
