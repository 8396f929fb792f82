/** Runs a task when its turn comes; undefined where `signal` was aborted before. */
export type RunFew = <T>(task: () => Promise<T>, signal: AbortSignal) => Promise<T | undefined>;

/** Lets at most `most` tasks run at a time. What was asked for last is done first: it is what is on screen now. */
export function runFew(most: number): RunFew {
  const waiting: (() => void)[] = [];
  let running = 0;
  const next = (): void => {
    if (running < most) waiting.pop()?.();
  };
  return (task, signal) =>
    new Promise((resolve, reject) => {
      const start = (): void => {
        running++;
        void task()
          .then(resolve, reject)
          .finally(() => {
            running--;
            next();
          });
      };
      if (signal.aborted) return resolve(undefined);
      signal.addEventListener(
        'abort',
        () => {
          const at = waiting.indexOf(start);
          if (at < 0) return;
          waiting.splice(at, 1);
          resolve(undefined);
        },
        { once: true },
      );
      waiting.push(start);
      next();
    });
}
