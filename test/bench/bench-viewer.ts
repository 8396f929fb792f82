import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { root, testApp } from '../e2e/electron-dist.ts';
import setup from '../e2e/global-setup.ts';
import { median } from './bench-scan.ts';
import { manyLabels, storeManyLabels } from './many-labels.ts';
import { memoryOf } from './process-memory.ts';
import { scrollSlices, type Scrolled } from './scroll-slices.ts';

const rounds = 5;
const lidc = fileURLToPath(new URL('../../../shared/data/ct/lidc-chest', import.meta.url));
const patience = { timeout: 120_000 };

type Figures = Readonly<Record<string, number>>;

/** How labels lie over the images while they are scrolled; the first is what the others are compared with. */
const looks = ['no labels', 'fill', 'outline', 'both'] as const;
type Look = (typeof looks)[number];

interface Round {
  readonly opening: Figures;
  readonly scrolling: Readonly<Record<Look, Scrolled>>;
  readonly memory: Readonly<Record<string, Figures>>;
}

/** Images and labels on screen, from the click that opens them, each time in a new window; medians. */
export async function benchViewer(): Promise<void> {
  const end = await setup();
  if (!end) return console.log('\nThe viewer is not measured: there is no Electron here.');
  const stored = mkdtempSync(join(tmpdir(), 'thinslice-bench-'));
  try {
    const folder = existsSync(lidc) ? lidc : join(root, 'resources', 'study');
    await storeManyLabels(stored, folder);
    const measured: Round[] = [];
    for (let round = 0; round < rounds; round++) measured.push(await measureRound(folder, stored));
    const graphics = await rendererName();
    const study = folder === lidc ? 'lidc-chest' : 'the bundled study';
    console.log(`\nThe viewer on ${study}, 1366 × 768, ${graphics} (medians of ${rounds})`);
    print(measured);
  } finally {
    rmSync(stored, { recursive: true, force: true });
    end();
  }
}

function print(measured: readonly Round[]): void {
  console.table(medians(measured.map(({ opening }) => opening)));
  console.log(`Scrolling, a slice a frame; ${manyLabels} labels in each slice`);
  console.table(
    Object.fromEntries(
      looks.map((look) => [
        look,
        medians(
          measured.map(({ scrolling }) => ({
            'slices/s': scrolling[look].framesPerSecond,
            'times the time without labels':
              scrolling['no labels'].framesPerSecond / scrolling[look].framesPerSecond,
            'script, ms a slice': scrolling[look].scriptMs,
            'window thread, ms a slice': scrolling[look].taskMs,
          })),
        ),
      ]),
    ),
  );
  console.log('Memory, MiB: with the images on screen, with all labels too, and the most of the round');
  const processes = Object.keys(measured[0]!.memory);
  console.table(
    Object.fromEntries(processes.map((name) => [name, medians(measured.map(({ memory }) => memory[name]!))])),
  );
}

function medians(figures: readonly Figures[]): Figures {
  return Object.fromEntries(
    Object.keys(figures[0]!).map((name) => [
      name,
      Math.round(100 * median(figures.map((each) => each[name]!))) / 100,
    ]),
  );
}

function measureRound(folder: string, stored: string): Promise<Round> {
  return withApp(
    [folder],
    async (app, page) => {
      const opening = await openImages(page);
      const session = await page.context().newCDPSession(page);
      const scrolling: Partial<Record<Look, Scrolled>> = {
        'no labels': await scrollSlices(page, session),
      };
      const atRest = await memoryOf(app);
      await showLabels(page);
      for (const look of looks.slice(1)) {
        await page.locator('select:has(option[value=outline])').selectOption(look);
        scrolling[look] = await scrollSlices(page, session);
      }
      const labelled = await memoryOf(app);
      const memory = Object.fromEntries(
        [...labelled].map(([name, { resident, private: own, peak }]) => [
          name,
          {
            images: atRest.get(name)!.resident,
            'of it private': atRest.get(name)!.private,
            'and labels': resident,
            'private then': own,
            most: peak,
          },
        ]),
      );
      return { opening, scrolling: scrolling as Record<Look, Scrolled>, memory };
    },
    stored,
  );
}

async function openImages(page: Page): Promise<Figures> {
  await page.locator('[data-volume]').first().waitFor(patience);
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
  });
  await page.locator('[data-volume]').first().click();
  await page.locator('[data-view=axial] [data-edge=top]').waitFor(patience);
  await page.locator('[data-loading]').waitFor({ ...patience, state: 'detached' });
  return page.evaluate(() => {
    const at = (name: string): number => performance.getEntriesByName(name)[0]!.startTime;
    const [longest = 0, second = 0] = (globalThis as unknown as { tasks: number[] }).tasks.toSorted(
      (a, b) => b - a,
    );
    return {
      'first image, ms': at('viewer.firstImage') - at('viewer.open'),
      'all slices on screen, ms': at('viewer.complete') - at('viewer.open'),
      'longest task of the window (sets the views up), ms': longest,
      'second longest, ms': second,
    };
  });
}

async function showLabels(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Results' }).click();
  await page.getByRole('button', { name: 'Show', exact: true }).first().click(patience);
  await page.getByRole('tab', { name: 'Labels' }).click();
  await page.locator('canvas[data-labels=axial]').waitFor(patience);
  const painted = await page.getByRole('table', { name: 'Labels of the result' }).locator('tbody tr').count();
  if (painted !== manyLabels) throw new Error(`${painted} labels are shown instead of ${manyLabels}`);
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

/** @param stored a data folder whose copy the app gets */
async function withApp<T>(
  args: readonly string[],
  use: (app: ElectronApplication, page: Page) => Promise<T>,
  stored?: string,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'thinslice-bench-'));
  if (stored !== undefined) cpSync(stored, dataDir, { recursive: true });
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
