import type { ElectronApplication, Page } from 'playwright-core';

/** The longest pause of an event loop so far, in ms. */
export interface LoopWatch {
  readonly longestMs: () => Promise<number>;
}

/** Watches the main process's event loop (perf_hooks, resolution 5 ms). */
export async function watchMain(app: ElectronApplication): Promise<LoopWatch> {
  await app.evaluate(() => {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    (globalThis as { loopDelay?: unknown }).loopDelay = delay;
  });
  return {
    longestMs: () =>
      app.evaluate(() => (globalThis as unknown as { loopDelay: { max: number } }).loopDelay.max / 1e6 - 5),
  };
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
