/** How two labelmaps agree on one label. */
export interface LabelAgreement {
  readonly value: number;
  readonly voxelsA: number;
  readonly voxelsB: number;
  readonly voxelsBoth: number;
  /** 2·|A ∩ B| / (|A| + |B|). */
  readonly dice: number;
}

/** Two labelmaps that do not lie on one grid. */
export class LabelmapSizeError extends Error {
  constructor(a: number, b: number) {
    super(`Labelmaps of ${a} and ${b} voxels cannot be compared.`);
    this.name = 'LabelmapSizeError';
  }
}

/**
 * Dice's coefficient of each label value (background included) that occurs in one of two labelmaps on the same grid, by
 * ascending value.
 *
 * @throws LabelmapSizeError
 */
export function diceByLabel(a: Uint8Array, b: Uint8Array): readonly LabelAgreement[] {
  if (a.length !== b.length) throw new LabelmapSizeError(a.length, b.length);
  const inA = new Float64Array(256);
  const inB = new Float64Array(256);
  const inBoth = new Float64Array(256);
  for (let i = 0; i < a.length; i++) {
    const label = a[i];
    inA[label]++;
    inB[b[i]]!++;
    if (label === b[i]) inBoth[label]++;
  }
  const agreements: LabelAgreement[] = [];
  for (let value = 0; value < 256; value++) {
    const sum = inA[value] + inB[value];
    if (sum === 0) continue;
    agreements.push({
      value,
      voxelsA: inA[value],
      voxelsB: inB[value],
      voxelsBoth: inBoth[value],
      dice: (2 * inBoth[value]) / sum,
    });
  }
  return agreements;
}
