import type { CDPSession, Page } from 'playwright-core';

export interface Scrolled {
  readonly framesPerSecond: number;
  /** Of the window's thread, a slice: our code and what it calls, and all of its work. */
  readonly scriptMs: number;
  readonly taskMs: number;
}

/** One slice a frame through the axial plane, as fast as frames are drawn. */
export async function scrollSlices(page: Page, session: CDPSession): Promise<Scrolled> {
  const before = await metricsOf(session);
  const { frames, ms } = await page.evaluate(async () => {
    const count = 60;
    const slider = document.querySelector<HTMLInputElement>('[data-view=axial] input[type=range]')!;
    const canvas = document.querySelector<HTMLCanvasElement>('[data-view=axial] canvas.cornerstone-canvas')!;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      slider.value = String(1 + ((i * 2) % Number(slider.max)));
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await frame();
    }
    await frame();
    canvas.getContext('2d')!.getImageData(0, 0, 1, 1); // waits for what was asked for
    return { frames: count, ms: performance.now() - start };
  });
  const after = await metricsOf(session);
  const spent = (name: string): number => (1000 * ((after[name] ?? 0) - (before[name] ?? 0))) / frames;
  return {
    framesPerSecond: (1000 * frames) / ms,
    scriptMs: spent('ScriptDuration'),
    taskMs: spent('TaskDuration'),
  };
}

/** Chromium's own account, in seconds. */
async function metricsOf(session: CDPSession): Promise<Readonly<Record<string, number>>> {
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}
