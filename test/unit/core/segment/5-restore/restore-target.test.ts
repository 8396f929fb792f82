import { describe, expect, it } from 'vitest';
import { cellCount, linearMap, nearestMap } from '../../../../../main/core/segment/5-restore/axis-map.ts';
import { placeLabels } from '../../../../../main/core/segment/5-restore/place-labels.ts';
import { restoreTarget } from '../../../../../main/core/segment/5-restore/restore-target.ts';
import type { RestorePlan } from '../../../../../main/core/segment/1-preprocess/preprocessed.ts';
import { boxShape, type Box } from '../../../../../main/core/volume/box.ts';
import { orientBox, orientVec } from '../../../../../main/core/volume/orientation.ts';
import { cropView, denseView, orientView } from '../../../../../main/core/volume/strided-view.ts';
import { voxelCount, type Vec3 } from '../../../../../main/core/volume/volume.ts';
import { gather, nnunet } from '../../../../fixtures/preprocessing.ts';
import { allOrientations } from '../../volume/orientations.ts';

const inputShapeZyx: Vec3 = [5, 6, 7];
const boxZyx: Box = { start: [1, 0, 2], end: [4, 5, 7] };
const plan: RestorePlan = {
  inputShapeZyx,
  permutation: [0, 1, 2],
  flips: [false, false, false],
  box: boxZyx,
  separateZAxis: null,
  resampling: nnunet,
  zoomed: null,
};

describe('axis maps', () => {
  it('interpolate between half-pixel centres and hold the ends', () => {
    const map = linearMap(2, 4);
    expect([...map.upperWeight]).toEqual([0, 0.25, 0.75, 1]);
    expect([...map.firstOutput]).toEqual([0, 4]);
    const down = linearMap(6, 3);
    expect([...down.lower]).toEqual([0, 2, 4]);
    expect([...down.upperWeight]).toEqual([0.5, 0.5, 0.5]);
  });

  it('copy an axis that keeps its size', () => {
    const map = linearMap(5, 5);
    expect([...map.lower]).toEqual([0, 1, 2, 3, 4]);
    expect(map.upper).toEqual(map.lower);
  });

  it('pick the nearest, halves up', () => {
    const map = nearestMap(4, 2, 'half-pixel');
    expect([...map.lower]).toEqual([1, 3]);
    expect(cellCount(nearestMap(2, 9, 'aligned-corners'))).toBe(2);
  });
});

describe('restoreTarget', () => {
  const croppedShape: Vec3 = boxShape(boxZyx);

  it('is linear, and nearest along a separate z', () => {
    const { maps, box } = restoreTarget({
      shape: [9, 9, 9],
      croppedShape,
      restore: { ...plan, separateZAxis: 0 },
    });
    expect(maps[0].lower).toEqual(maps[0].upper);
    expect(maps[1].upper[0]).toBe(maps[1].lower[0] + 1);
    expect(box).toEqual(boxZyx);
  });

  it('refuses to resample logits with splines', () => {
    const cubic = { ...plan, resampling: { ...nnunet, logitsOrder: 3 } as RestorePlan['resampling'] };
    expect(() => restoreTarget({ shape: [9, 9, 9], croppedShape, restore: cubic })).toThrow(RangeError);
  });

  it('leads from a crop of the zoomed grid to where its voxels are nearest', () => {
    const zoomed = { shape: [9, 1, 4] as Vec3, box: { start: [2, 0, 1] as Vec3, end: [6, 1, 4] as Vec3 } };
    const restore = { ...plan, box: { start: [0, 0, 0], end: [5, 6, 7] } as const, zoomed };
    const { maps, box } = restoreTarget({ shape: [4, 1, 3], croppedShape: inputShapeZyx, restore });
    // 0…4 of 5 voxels lie at 0, 2, 4, 6, 8 of 9; 0…6 of 7 at 0, 0.5 … 3 of 4.
    expect(box).toEqual({ start: [1, 0, 1], end: [3, 6, 7] });
    expect([...maps[0].lower]).toEqual([0, 2]);
    expect([...maps[1].firstOutput]).toEqual([0, 6]);
    expect([...maps[2].firstOutput]).toEqual([0, 2, 4, 6]);
  });
});

describe('placeLabels', () => {
  it.each(allOrientations)('undoes $permutation, $flips and the crop', (orientation) => {
    const box = orientBox(boxZyx, inputShapeZyx, orientation);
    const planes = Uint8Array.from({ length: voxelCount(boxShape(box)) }, (_, i) => i + 1);
    const into = new Uint8Array(voxelCount(inputShapeZyx));
    const half = planes.length - (planes.length / boxShape(box)[0]) * 2;
    placeLabels(planes.subarray(0, half), 0, box, { ...plan, ...orientation, box }, into);
    // The other planes in two bands of rows.
    for (const rows of [[0, 1] as const, [1, boxShape(box)[1]] as const])
      placeLabels(
        planes.subarray(half),
        boxShape(box)[0] - 2,
        box,
        { ...plan, ...orientation, box },
        into,
        rows,
      );
    const view = orientView(cropView(denseView(inputShapeZyx), boxZyx), orientation);
    expect(view.shape).toEqual(orientVec(boxShape(boxZyx), orientation));
    expect(gather(into, view)).toEqual([...planes]);
    expect(into.filter((label) => label !== 0)).toHaveLength(planes.length);
  });
});
