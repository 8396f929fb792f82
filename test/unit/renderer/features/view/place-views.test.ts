import { expect, test } from 'vitest';
import { placeViews } from '../../../../../renderer/features/view/place-views.ts';
import { viewNames } from '../../../../../renderer/viewer/planes.ts';

test('two by two, each view has a place of its own', () => {
  const { areas } = placeViews('grid', 'axial', null);
  expect(new Set(Object.values(areas)).size).toBe(4);
  expect(Object.keys(areas)).toEqual([...viewNames]);
});

test('one is large, and the others stand in a column beside it', () => {
  expect(placeViews('large', 'coronal', null).areas).toEqual({
    coronal: '1 / 1 / 4 / 2',
    axial: '1 / 2',
    sagittal: '2 / 2',
    volume3d: '3 / 2',
  });
});

test('one that was enlarged is alone, whatever the layout', () => {
  for (const layout of ['grid', 'large'] as const) {
    expect(placeViews(layout, 'axial', 'volume3d').areas).toEqual({ volume3d: '1 / 1' });
  }
});
