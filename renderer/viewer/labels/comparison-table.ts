import type { Vec3 } from '../../../main/core/volume/volume.ts';
import { paintTable, type PaintTable } from './paint-table.ts';
import { comparison } from './slice.ts';

/** Colours that the colour-blind tell apart too (Okabe and Ito). */
export const comparisonColors: Readonly<Record<keyof typeof comparison, Vec3>> = {
  agree: [180, 190, 200],
  onlyFirst: [0, 144, 220],
  onlySecond: [240, 150, 0],
  differ: [204, 121, 167],
};

export function comparisonTable(
  isVisible: boolean,
  look: { readonly opacity: number; readonly outlined: boolean },
): PaintTable {
  const kinds = Object.keys(comparison) as (keyof typeof comparison)[];
  const labels = kinds.map((kind) => ({
    value: comparison[kind],
    color: comparisonColors[kind],
    isShown: isVisible,
  }));
  return paintTable(labels, look);
}
