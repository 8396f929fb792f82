import { expect, test } from 'vitest';
import { transferPreset, volumePresetsOf } from '../../../../renderer/viewer/volume-presets.ts';

test('each modality has presets, and CT starts with bone', () => {
  expect(volumePresetsOf('CT')[0]).toBe('bone');
  expect(volumePresetsOf('MR')).toEqual(['surface', 'mip']);
  expect(volumePresetsOf('PT')[0]).toBe('mip');
});

test('CT takes presets for Hounsfield units by name', () => {
  expect(transferPreset('bone', { center: 40, width: 400 })).toBe('CT-Bone');
});

test('others follow the window: nothing is seen below it, and lists say how long they are', () => {
  for (const name of ['mip', 'surface'] as const) {
    const preset = transferPreset(name, { center: 300, width: 400 });
    if (typeof preset === 'string') throw new Error('a name');
    for (const [text, perPoint] of [
      [preset.scalarOpacity, 2],
      [preset.colorTransfer, 4],
    ] as const) {
      const [length, ...values] = text.split(' ').map(Number);
      expect(values).toHaveLength(length!);
      const points = values.filter((_, i) => i % perPoint === 0);
      expect([points[0], points.at(-1)]).toEqual([100, 500]);
      expect(points).toEqual([...points].sort((a, b) => a - b));
      expect(values[1]).toBe(0);
    }
  }
});
