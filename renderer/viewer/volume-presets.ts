import type { WindowLevel } from './window-level.ts';
import { rangeOf } from './window-level.ts';

/** Names of the catalogue's `view.volumePresets`. */
export type VolumePresetName = 'bone' | 'softTissue' | 'lung' | 'vessels' | 'mip' | 'surface';

/** Cornerstone's names of what fits Hounsfield units. */
const ctPresets: Readonly<Partial<Record<VolumePresetName, string>>> = {
  bone: 'CT-Bone',
  softTissue: 'CT-Soft-Tissue',
  lung: 'CT-Lung',
  vessels: 'CT-Chest-Vessels',
};

/** How a volume may be shown in 3D; the first one is what it starts with. */
export function volumePresetsOf(modality: string): readonly VolumePresetName[] {
  if (modality === 'CT') return ['bone', 'softTissue', 'lung', 'vessels', 'mip'];
  return modality === 'PT' ? ['mip', 'surface'] : ['surface', 'mip'];
}

/** Cornerstone's form of a preset: lists of `length value … value …`, as text. */
export interface TransferPreset {
  readonly name: string;
  readonly gradientOpacity: string;
  readonly specularPower: string;
  readonly scalarOpacity: string;
  readonly specular: string;
  readonly shade: string;
  readonly ambient: string;
  readonly colorTransfer: string;
  readonly diffuse: string;
  readonly interpolation: string;
}

/** A preset of Cornerstone by its name, or one that is made from the window: intensities without a fixed meaning need that. */
export function transferPreset(name: VolumePresetName, window: WindowLevel): string | TransferPreset {
  const known = ctPresets[name];
  return known ?? (name === 'mip' ? mipPreset(window) : surfacePreset(window));
}

/** Grey by value, and opaque: what is seen is the largest value along the ray. */
function mipPreset(window: WindowLevel): TransferPreset {
  const { lower, upper } = rangeOf(window);
  return {
    name: 'Thinslice-MIP',
    gradientOpacity: '4 0 1 255 1',
    scalarOpacity: list([lower, 0], [upper, 1]),
    colorTransfer: list([lower, 0, 0, 0], [upper, 1, 1, 1]),
    specular: '0',
    specularPower: '1',
    shade: '0',
    ambient: '1',
    diffuse: '0',
    interpolation: '1',
  };
}

/** Warm greys that begin in the darker part of the window, so that noise around a body stays unseen. */
function surfacePreset(window: WindowLevel): TransferPreset {
  const { lower, upper } = rangeOf(window);
  const at = (share: number): number => lower + (upper - lower) * share;
  return {
    name: 'Thinslice-Surface',
    gradientOpacity: '4 0 1 255 1',
    scalarOpacity: list([at(0), 0], [at(0.15), 0], [at(0.35), 0.2], [at(0.7), 0.4], [at(1), 0.6]),
    colorTransfer: list(
      [at(0), 0, 0, 0],
      [at(0.35), 0.55, 0.36, 0.25],
      [at(0.7), 0.85, 0.75, 0.65],
      [at(1), 1, 1, 1],
    ),
    specular: '0',
    specularPower: '1',
    shade: '1',
    ambient: '0.2',
    diffuse: '1',
    interpolation: '1',
  };
}

function list(...points: readonly (readonly number[])[]): string {
  const values = points.flat();
  return [values.length, ...values].join(' ');
}
