import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { root, testApp } from '../e2e/electron-dist.ts';
import setup from '../e2e/global-setup.ts';
import { median } from './bench-scan.ts';

const rounds = 5;
const lidc = fileURLToPath(new URL('../../../shared/data/ct/lidc-chest', import.meta.url));

interface Round {
  readonly 'first image, ms': number;
  readonly 'all slices on screen, ms': number;
  /** Longest time that the window's thread was busy at one go while slices arrived. */
  readonly 'longest task, ms': number;
  readonly 'scrolling, frames/s': number;
  readonly 'main, MiB': number;
  readonly 'window, MiB': number;
  readonly 'graphics, MiB': number;
  readonly 'engines, MiB': number;
}

/** Images on screen, from the click that opens them, each time in a new window; medians. */
export async function benchViewer(): Promise<void> {
  const end = await setup();
  if (!end) return console.log('\nThe viewer is not measured: there is no Electron here.');
  try {
    const folder = existsSync(lidc) ? lidc : join(root, 'resources', 'study');
    const measured: Round[] = [];
    for (let round = 0; round < rounds; round++) measured.push(await measureRound(folder));
    const names = Object.keys(measured[0]!) as (keyof Round)[];
    const graphics = await rendererName();
    console.log(
      `\nThe viewer on ${folder === lidc ? 'lidc-chest' : 'the bundled study'}, 1366 × 768, ${graphics} (medians of ${rounds})`,
    );
    console.table(
      Object.fromEntries(
        names.map((name) => [name, Math.round(10 * median(measured.map((each) => each[name]))) / 10]),
      ),
    );
  } finally {
    end();
  }
}

async function measureRound(folder: string): Promise<Round> {
  return withApp([folder], async (app, page) => {
    await page.locator('[data-volume]').first().waitFor({ timeout: 60_000 });
    await page.evaluate(() => {
      const tasks: number[] = [];
      Object.assign(globalThis, { tasks });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration);
      }).observe({ type: 'longtask' });
    });
    await page.locator('[data-volume]').first().click();
    await page.locator('[data-view=axial] [data-edge=top]').waitFor({ timeout: 60_000 });
    await page.locator('[data-loading]').waitFor({ state: 'detached', timeout: 120_000 });
    const { first, complete, longest } = await page.evaluate(() => {
      const at = (name: string): number => performance.getEntriesByName(name)[0]!.startTime;
      const { tasks } = globalThis as unknown as { tasks: number[] };
      return {
        first: at('viewer.firstImage') - at('viewer.open'),
        complete: at('viewer.complete') - at('viewer.open'),
        longest: Math.max(0, ...tasks),
      };
    });
    const framesPerSecond = await scroll(page);
    const memory = await memoryOf(app);
    return {
      'first image, ms': first,
      'all slices on screen, ms': complete,
      'longest task, ms': longest,
      'scrolling, frames/s': framesPerSecond,
      ...memory,
    };
  });
}

/** One slice a frame through the axial plane, as fast as frames are drawn; all three planes are drawn anew each time. */
function scroll(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const frames = 60;
    const slider = document.querySelector<HTMLInputElement>('[data-view=axial] input[type=range]')!;
    const canvas = document.querySelector<HTMLCanvasElement>('[data-view=axial] canvas.cornerstone-canvas')!;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const start = performance.now();
    for (let i = 0; i < frames; i++) {
      slider.value = String(1 + ((i * 2) % Number(slider.max)));
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await frame();
    }
    await frame();
    canvas.getContext('2d')!.getImageData(0, 0, 1, 1); // waits for what was asked for
    return (1000 * frames) / (performance.now() - start);
  });
}

async function memoryOf(app: ElectronApplication) {
  const processes = await app.evaluate(({ app: electron }) =>
    electron.getAppMetrics().map(({ type, memory }) => ({ type: String(type), kib: memory.workingSetSize })),
  );
  const mib = (wanted: string): number =>
    processes.filter(({ type }) => type === wanted).reduce((sum, { kib }) => sum + kib / 1024, 0);
  return {
    'main, MiB': mib('Browser'),
    'window, MiB': mib('Tab'),
    'graphics, MiB': mib('GPU'),
    'engines, MiB': mib('Utility'),
  };
}

/** What draws: frames per second of a rasteriser say nothing of a card. */
function rendererName(): Promise<string> {
  return withApp([], (_app, page) =>
    page.evaluate(() => {
      const gl = document.createElement('canvas').getContext('webgl2')!;
      const names = gl.getExtension('WEBGL_debug_renderer_info');
      const name = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
      return /swiftshader/i.test(name) ? 'SwiftShader on the CPU' : name;
    }),
  );
}

async function withApp<T>(
  args: readonly string[],
  use: (app: ElectronApplication, page: Page) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'thinslice-bench-'));
  const app = await _electron.launch({
    executablePath: testApp,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--lang=en', '--data', dataDir, ...args],
    timeout: 60_000,
  });
  try {
    const page = await app.firstWindow();
    await page.waitForSelector('main');
    return await use(app, page);
  } finally {
    await app.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
