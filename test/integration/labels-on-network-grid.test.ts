import { afterAll, describe, expect, it } from 'vitest';
import { labelsOnNetworkGrid } from '../../main/core/learn/labels/labels-on-network-grid.ts';
import type { SegmentationModel } from '../../main/core/model/segmentation-model.ts';
import { orientGrid } from '../../main/core/volume/orientation.ts';
import { denseView, orientView } from '../../main/core/volume/strided-view.ts';
import type { Vec3, Volume } from '../../main/core/volume/volume.ts';
import { createPool } from '../../main/engine/pool.ts';
import { preprocessVolumes } from '../../main/engine/preprocess-volume.ts';
import { gather, modelWith, nnunet, smoothVolume } from '../fixtures/preprocessing.ts';
import { allOrientations, axialGrid } from '../unit/core/volume/orientations.ts';

const pool = createPool({ threads: 2 });
afterAll(() => pool.destroy());

const linear = { ...nnunet, dataOrder: 1, dataOrderZ: 1, forceSeparateZ: false };
const none = [{ kind: 'none' as const }];

describe('labels on the grid of a network', () => {
  const shape: Vec3 = [9, 14, 12];
  const waves = smoothVolume(shape);
  const [, n1, n2] = shape;
  /** Values of 0 around, so that the image is cropped, and two labels within. */
  const labels = waves.map((value, i) => {
    const at = [Math.floor(i / (n1 * n2)), Math.floor(i / n2) % n1, i % n2];
    if (at.some((index, axis) => index < 1 || index > shape[axis]! - 3)) return 0;
    return value > 1150 ? 2 : value > 950 ? 1 : 0;
  });

  const models: readonly (readonly [string, SegmentationModel])[] = [
    [
      'cropped, turned and resampled',
      modelWith(none, {
        orientation: 'SAR',
        spacingMm: [1.5, 1.2, 1],
        transposeForward: [1, 2, 0],
        resampling: linear,
      }),
    ],
    ['of the same spacing', modelWith(none, { orientation: 'SAR', spacingMm: [2, 1, 0.8] })],
    [
      'zoomed, then cropped',
      modelWith(none, {
        orientation: 'LIA',
        spacingMm: [1, 1.5, 1],
        resampling: { kind: 'totalsegmentator', dataOrder: 1 },
      }),
    ],
  ];

  it.each(models)('are where the image has them, %s, however it is stored', async (_, model) => {
    for (const orientation of allOrientations.filter((_, index) => index % 5 === 0)) {
      const grid = axialGrid(shape, [2, 1, 0.8], [5, -3, 8]);
      const view = orientView(denseView(shape), orientation);
      const values = Uint8Array.from(gather(labels, view));
      let uncertain = 0;
      for (const label of [1, 2]) {
        // What was interpolated is then the label's share in a voxel, but for the other label, which keeps the crop as it is.
        const voxels = Int16Array.from(values, (value) => (value === label ? 200 : value === 0 ? 0 : 1));
        const volume: Volume = { voxels, grid: orientGrid(grid, orientation) };
        const input = await preprocessVolumes([volume], model, { pool });
        const found = labelsOnNetworkGrid(values, input);
        expect(found.length).toBe(input.data.length);
        found.forEach((value, i) => {
          const share = input.data[i]! / 200;
          if (share > 0.52) expect(value).toBe(label);
          else if (share < 0.3) expect(value).not.toBe(label);
          else uncertain++;
        });
        expect(found.filter((value) => value === label).length).toBeGreaterThan(20);
        expect(uncertain).toBeLessThan(found.length / 2);
      }
    }
  });
});
