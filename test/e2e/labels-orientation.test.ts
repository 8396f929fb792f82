import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { manifestOf, thresholdOnnx, writeModelFolder } from '../fixtures/cli-inputs.ts';
import { writeOrientedSeries } from '../fixtures/make-orientations.ts';
import { thinsliceJson } from '../fixtures/run-thinslice.ts';
import { tempDir } from '../fixtures/temp-dir.ts';
import { describeApp, launchApp } from './launch-app.ts';
import { openVolume, planes, readCanvas, type Plane } from './viewer-page.ts';

/** How rows and columns grow: axial with both axes flipped, coronal from below, sagittal from behind. */
const flipped = [
  { row: [-1, 0, 0], column: [0, -1, 0] },
  { row: [-1, 0, 0], column: [0, 0, 1] },
  { row: [0, -1, 0], column: [0, 0, -1] },
] as const;

describeApp('labels', () => {
  test('lie where the voxels lie that they name, however the axes of the images lie', async () => {
    const [folder, data] = [tempDir(), tempDir()];
    // Bone is what is denser than 500 HU.
    const manifest = manifestOf([{ name: 'any' }], { labels: ['background', 'bone'] });
    const network = writeModelFolder(join(tempDir(), 'm'), thresholdOnnx([1], -500), manifest);
    const { model } = await thinsliceJson(['models', 'import', network, '--data', data]);
    const { id } = model as { readonly id: string };
    for (const [at, { row, column }] of flipped.entries()) {
      const series = join(folder, String(at));
      writeOrientedSeries(series, at + 1, row, column);
      const out = ['--out', tempDir(), '--format', 'json'];
      await thinsliceJson(['segment', series, '--model', id, '--data', data, ...out]);
    }
    const { page, complaints } = await launchApp({ dataDir: data, args: [folder] });
    for (const at of flipped.keys()) {
      await openVolume(page, at);
      await page.getByRole('tab', { name: 'Results' }).click();
      await page.getByRole('button', { name: 'Show', exact: true }).click();
      await page.getByRole('tab', { name: 'Labels' }).click();
      await page.getByRole('combobox', { name: 'Style' }).selectOption('fill');
      await page.getByTitle('Go to bone').click();
      await page.getByText('At the crosshair: bone').waitFor();
      for (const plane of planes)
        await expect.poll(() => overlap(page, plane), { message: `${at}, ${plane}` }).toBeGreaterThan(0.75);
      await page.keyboard.press('Alt+1');
    }
    expect(complaints).toEqual([]);
  });
});

/** Of the pixels that are labelled or as white as bone, the share that is both. */
async function overlap(page: Page, plane: Plane): Promise<number> {
  const { width, height, grey } = await readCanvas(page, plane);
  const labelled = await page.evaluate(
    ([name, width, height]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`canvas[data-labels=${name}]`);
      if (canvas?.width !== width || canvas.height !== height) return '';
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
      return [...data.filter((_, at) => at % 4 === 3)].map((alpha) => (alpha > 0 ? '1' : '0')).join('');
    },
    [plane, width, height] as const,
  );
  let [both, either] = [0, 0];
  for (let at = 0; at < labelled.length; at++) {
    const [label, bone] = [labelled[at] === '1', grey[at]! >= 250];
    if (label && bone) both++;
    if (label || bone) either++;
  }
  return either === 0 ? 0 : both / either;
}
