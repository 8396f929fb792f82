import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ElectronApplication, Page } from 'playwright-core';

/** The longest pause of an event loop so far, in ms. */
export interface LoopWatch {
  readonly longestMs: () => Promise<number>;
}

export interface MainWatch extends LoopWatch {
  /**
   * The most that the thread itself computed between two looks at the clock, in ms: what it was late beyond that, others had
   * the processor. NaN where the system does not tell (Linux: `/proc`).
   */
  readonly busiestMs: () => Promise<number>;
}

/** Watches the main process's event loop (perf_hooks, resolution 5 ms). */
export async function watchMain(app: ElectronApplication): Promise<MainWatch> {
  await app.evaluate(() => {
    const { monitorEventLoopDelay: monitor } = process.getBuiltinModule('node:perf_hooks');
    const { readFileSync } = process.getBuiltinModule('node:fs');
    const delay = monitor({ resolution: 5 });
    delay.enable();
    // The first figure is the time that this process's first thread was on a processor, in ns.
    const computedMs = (): number => {
      try {
        return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6;
      } catch {
        return NaN;
      }
    };
    const watched = { delay, busiest: 0 };
    let last = computedMs();
    setInterval(() => {
      const now = computedMs();
      watched.busiest = Math.max(watched.busiest, now - last);
      last = now;
    }, 5);
    (globalThis as { watched?: unknown }).watched = watched;
  });
  const read = () =>
    app.evaluate(() => {
      const { watched } = globalThis as unknown as { watched: { delay: { max: number }; busiest: number } };
      return { longest: watched.delay.max / 1e6 - 5, busiest: watched.busiest };
    });
  return {
    longestMs: async () => (await read()).longest,
    busiestMs: async () => (await read()).busiest,
  };
}

/** Watches this process, which waits for the app and has nothing to do: its pauses are those of a busy machine. */
export function watchIdle(): { readonly longestMs: () => number } {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  return { longestMs: () => delay.max / 1e6 - 5 };
}

/** Watches the window's thread: how late a timer of 5 ms comes. */
export async function watchWindow(page: Page): Promise<LoopWatch> {
  await page.evaluate(() => {
    const watched = globalThis as { longestGap?: number };
    let last = performance.now();
    watched.longestGap = 0;
    setInterval(() => {
      const now = performance.now();
      watched.longestGap = Math.max(watched.longestGap ?? 0, now - last - 5);
      last = now;
    }, 5);
  });
  return { longestMs: () => page.evaluate(() => (globalThis as { longestGap?: number }).longestGap ?? 0) };
}
