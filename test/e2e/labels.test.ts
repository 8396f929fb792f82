import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ResultLabel, ResultSummary, ResultView } from '../../main/contract/ipc/result-channels.ts';
import { ask } from './ask.ts';
import { root } from './electron-dist.ts';
import { describeApp } from './launch-app.ts';
import { countPainted, dataWithResult, makeResult, openResult, removeResult } from './result-page.ts';
import { planes } from './viewer-page.ts';

const screenshots = join(root, 'out', 'screenshots');
mkdirSync(screenshots, { recursive: true });
const shot = (page: Page, name: string) => page.screenshot({ path: join(screenshots, `${name}.png`) });

async function labelsOf(page: Page): Promise<ReadonlyMap<string, ResultLabel>> {
  const [newest] = (await ask(page, 'results.list', null)) as readonly ResultSummary[];
  const { labels } = (await ask(page, 'results.get', newest!.id)) as ResultView;
  return new Map(labels.map((label) => [label.name, label]));
}

/** The colour of the labels where the lines of the crosshair meet. */
function paintedAtCrosshair(page: Page, plane: string): Promise<readonly number[]> {
  return page.evaluate((name) => {
    const view = document.querySelector(`[data-view=${name}]`)!;
    const canvas = view.querySelector<HTMLCanvasElement>('canvas[data-labels]')!;
    const [across, , upright] = view.querySelectorAll('.crosshair line');
    const at = (line: Element | undefined, attribute: string) =>
      Math.floor(Number(line!.getAttribute(attribute)) * window.devicePixelRatio);
    const { data } = canvas.getContext('2d')!.getImageData(at(upright, 'x1'), at(across, 'y1'), 1, 1);
    return [...data];
  }, plane);
}

const isNear = (rgb: readonly number[]) => (pixel: readonly number[]) =>
  pixel[3]! > 0 && rgb.every((part, i) => Math.abs(part - pixel[i]!) <= 6);

/** Draws a line in the axial plane, by parts of its width and height. */
async function drawAxial(
  page: Page,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  const box = (await page.locator('[data-view=axial]').boundingBox())!;
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 8 });
  await page.mouse.up();
}

/** Pixels of a part of the page that are not grey. */
async function countColoured(page: Page, selector: string): Promise<number> {
  const { data } = PNG.sync.read(await page.locator(selector).screenshot());
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    const parts = [data[at]!, data[at + 1]!, data[at + 2]!];
    if (Math.max(...parts) - Math.min(...parts) > 24) count++;
  }
  return count;
}

describeApp('labels', () => {
  beforeAll(makeResult);
  afterAll(removeResult);

  test('lie over the images, are hidden and shown alone, lead to their place, and have surfaces', async () => {
    const { page, complaints } = await openResult(dataWithResult());
    const labels = await labelsOf(page);
    await shot(page, 'labels');

    const lung = labels.get('lung')!.color;
    const bone = labels.get('bone')!.color;
    expect(await countPainted(page, 'axial', lung)).toBeGreaterThan(500);
    await page.getByRole('checkbox', { name: 'Show lung' }).uncheck();
    await expect.poll(() => countPainted(page, 'axial', lung)).toBe(0);
    expect(await countPainted(page, 'axial', bone)).toBeGreaterThan(100);
    await page.getByRole('button', { name: 'Show lung only' }).click();
    await expect.poll(() => countPainted(page, 'axial', bone)).toBe(0);
    // All but the faint rims of lines, whose colours are rounded.
    const share = async () => (await countPainted(page, 'axial', lung)) / (await countPainted(page, 'axial'));
    await expect.poll(share).toBeGreaterThan(0.99);
    await page.getByRole('button', { name: 'Show lung only' }).click();
    await page.getByRole('checkbox', { name: 'Show lung' }).check();

    await page.getByRole('combobox', { name: 'Style' }).selectOption('fill');
    for (const name of ['gas', 'bone']) {
      await page.getByTitle(`Go to ${name}`).click();
      await page.getByText(`At the crosshair: ${name}`).waitFor();
      // The label lies where its voxel is shown, in all planes.
      for (const plane of planes) {
        await expect.poll(() => paintedAtCrosshair(page, plane)).toSatisfy(isNear(labels.get(name)!.color));
      }
    }
    await page.getByRole('combobox', { name: 'Style' }).selectOption('both');
    await page.getByRole('searchbox').fill('tissue');
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: 'mL' }).click();
    const byVolume = [...labels.values()].toSorted((a, b) => b.volumeMl - a.volumeMl);
    const names = async () =>
      (await page.locator('tbody tr td:nth-child(2)').allTextContents()).map((each) => each.trim());
    await expect.poll(names).toEqual(byVolume.map(({ name }) => name.replace('_', ' ')));

    const before = await countColoured(page, '[data-view=volume3d] .canvas');
    await page.getByRole('checkbox', { name: 'Show soft tissue' }).uncheck();
    await page.getByRole('checkbox', { name: 'Show fat' }).uncheck();
    await page.getByRole('checkbox', { name: '3D surfaces' }).check();
    await page.getByText(/^Surface \d of/).waitFor({ state: 'detached' });
    await expect
      .poll(() => countColoured(page, '[data-view=volume3d] .canvas'))
      .toBeGreaterThan(before + 1000);
    await shot(page, 'labels-surfaces');
    expect(complaints).toEqual([]);
  });

  test('are edited, undone, stored as a version, compared, reviewed and found again', async () => {
    const data = dataWithResult();
    const first = await openResult(data);
    const { page } = first;
    const before = await labelsOf(page);
    const gas = before.get('gas')!;
    await page.getByRole('tab', { name: 'Correct' }).click();
    await page.getByRole('combobox', { name: 'Label' }).selectOption({ label: 'gas' });
    await page.getByRole('button', { name: 'Brush', exact: true }).click();
    const painted = await countPainted(page, 'axial', gas.color);
    await drawAxial(page, [0.4, 0.3], [0.6, 0.3]);
    await expect.poll(() => countPainted(page, 'axial', gas.color)).toBeGreaterThan(painted + 200);
    await shot(page, 'labels-correct');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => countPainted(page, 'axial', gas.color)).toBe(painted);
    await page.getByRole('button', { name: 'Store as a new version', disabled: true }).waitFor();
    await page.keyboard.press('Control+y');
    await expect.poll(() => countPainted(page, 'axial', gas.color)).toBeGreaterThan(painted + 200);

    // Another result cannot be shown by accident meanwhile.
    await page.getByRole('tab', { name: 'Results' }).click();
    await page.getByRole('button', { name: 'Hide', exact: true }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Go on editing' }).click();
    await page.getByRole('tab', { name: 'Correct' }).click();
    await page.getByRole('button', { name: 'Store as a new version' }).click();
    await page.getByText('The edited labels were stored as a new version.').waitFor();
    const edited = (await labelsOf(page)).get('gas')!;
    expect(edited.voxels).toBeGreaterThan(gas.voxels + 50);

    await page.getByRole('tab', { name: 'Results' }).click();
    await page.getByRole('button', { name: 'Compare', exact: true }).last().click();
    await page.getByRole('tab', { name: 'Compare' }).click();
    await page.getByRole('table', { name: 'Agreement, label by label' }).waitFor();
    // What only the shown, edited result has as this label.
    await page.getByRole('combobox', { name: 'Label' }).selectOption({ label: 'gas' });
    await expect.poll(() => countPainted(page, 'axial', [0, 144, 220])).toBeGreaterThan(200);
    await shot(page, 'labels-compare');
    await page.getByRole('button', { name: 'End the comparison' }).click();

    await page.getByRole('tab', { name: 'Labels' }).click();
    await page.getByRole('textbox', { name: 'Note' }).fill('gas in front of the heart');
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.getByText(/^Accepted on/).waitFor();
    // It is still said after another tab was looked at.
    await page.getByRole('tab', { name: 'Image' }).click();
    await page.getByRole('tab', { name: 'Labels' }).click();
    await page.getByText(/^Accepted on/).waitFor();
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Note' }).inputValue())
      .toContain('gas in front');
    expect(first.complaints).toEqual([]);
    await first.close();

    const second = await openResult(data);
    const summaries = (await ask(second.page, 'results.list', null)) as readonly ResultSummary[];
    expect(summaries).toHaveLength(2);
    expect(summaries[0]).toMatchObject({
      parentId: summaries[1]!.id,
      review: { state: 'accepted', note: 'gas in front of the heart' },
    });
    await second.page.getByText('edited by hand').waitFor();
    await expect.poll(() => countPainted(second.page, 'axial', gas.color)).toBeGreaterThan(painted + 200);
    expect(second.complaints).toEqual([]);
  });

  test('are not lost when the window is closed, and each tool does its work', async () => {
    const { app, page, complaints } = await openResult(dataWithResult());
    const labels = await labelsOf(page);
    const painted = (name: string) => countPainted(page, 'axial', labels.get(name)!.color);
    await expect.poll(() => painted('lung')).toBeGreaterThan(500);
    await page.getByRole('tab', { name: 'Correct' }).click();
    const choose = async (label: string, tool: string): Promise<void> => {
      await page.getByRole('combobox', { name: 'Label' }).selectOption({ label });
      await page.getByRole('button', { name: tool, exact: true }).click();
    };
    const undo = async (name: string, count: number): Promise<void> => {
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect.poll(() => painted(name)).toBe(count);
    };
    const [gas, lung] = [await painted('gas'), await painted('lung')];

    // A line across both lungs and the heart between them: only what is as dense as that turns.
    await choose('gas', 'Threshold brush');
    await page.getByRole('spinbutton', { name: 'From' }).fill('-20');
    await page.getByRole('spinbutton', { name: 'To' }).fill('200');
    await drawAxial(page, [0.3, 0.48], [0.62, 0.48]);
    await expect.poll(() => painted('gas')).toBeGreaterThan(gas + 100);
    // At the border of the lungs brush and rounding move a little.
    expect(await painted('lung')).toBeGreaterThan(0.9 * lung);
    await undo('gas', gas);

    await choose('lung', 'Eraser');
    await drawAxial(page, [0.3, 0.55], [0.36, 0.55]);
    await expect.poll(() => painted('lung')).toBeLessThan(lung - 100);
    await undo('lung', lung);

    await choose('lung', 'Remove island');
    await drawAxial(page, [0.3, 0.55], [0.3, 0.55]);
    await expect.poll(() => painted('lung')).toBeLessThan(0.7 * lung);
    await undo('lung', lung);

    await choose('gas', 'Fill');
    await drawAxial(page, [0.3, 0.55], [0.3, 0.55]);
    await expect.poll(() => painted('gas')).toBeGreaterThan(gas + 0.2 * lung);
    await undo('gas', gas);
    await drawAxial(page, [0.2, 0.22], [0.2, 0.22]);
    await page.getByText('nothing was filled').waitFor();

    await choose('lung', 'Lasso: cut');
    const box = (await page.locator('[data-view=axial]').boundingBox())!;
    const corners = [
      [0.2, 0.4],
      [0.45, 0.4],
      [0.45, 0.8],
      [0.2, 0.8],
    ] as const;
    const [first, ...others] = corners.map(
      ([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const,
    );
    await page.mouse.move(...first!);
    await page.mouse.down();
    for (const corner of others) await page.mouse.move(...corner, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => painted('lung')).toBeLessThan(0.8 * lung);

    // Closing the window asks first.
    const close = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close());
    await close();
    // A dialog tells that it was closed only after a while: the next question must not be taken for that one.
    await page
      .getByRole('dialog')
      .getByRole('button', { name: 'Go on editing' })
      .evaluate((stay) => {
        (stay as HTMLButtonElement).click();
        window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
        return new Promise((resolve) => setTimeout(resolve, 50));
      });
    await page.getByRole('dialog').getByRole('button', { name: 'Go on editing' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await page.getByRole('button', { name: 'Undo' }).isEnabled()).toBe(true);
    expect(complaints).toEqual([]);
    const ended = app.waitForEvent('close');
    await close();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard changes' }).click();
    await ended;
  });
});
