import type { WindowLevel } from './window-level.ts';

/** Names of the catalogue's `view.presets`. */
export type PresetName = 'softTissue' | 'lung' | 'bone' | 'brain' | 'liver' | 'mediastinum' | 'angio';

export interface WindowPreset extends WindowLevel {
  readonly name: PresetName;
}

/** Common windows of CT, HU. */
const ctPresets: readonly WindowPreset[] = [
  { name: 'softTissue', center: 40, width: 400 },
  { name: 'lung', center: -600, width: 1500 },
  { name: 'bone', center: 400, width: 1800 },
  { name: 'brain', center: 40, width: 80 },
  { name: 'liver', center: 60, width: 160 },
  { name: 'mediastinum', center: 50, width: 350 },
  { name: 'angio', center: 300, width: 600 },
];

/** Windows that make sense for a modality whatever the image; none where intensities have no fixed meaning. */
export function presetsOf(modality: string): readonly WindowPreset[] {
  return modality === 'CT' ? ctPresets : [];
}

/** What an image is first shown with, before any of it has arrived. */
export function firstWindow(modality: string): WindowLevel {
  const { center, width } = presetsOf(modality)[0] ?? { center: 500, width: 1000 };
  return { center, width };
}
