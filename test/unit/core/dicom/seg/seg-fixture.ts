import type { SegInput } from '../../../../../main/core/dicom/seg/seg-input.ts';
import type { Assembly, FrameRef } from '../../../../../main/core/dicom/study.ts';
import type { ModelLabel } from '../../../../../main/core/model/segmentation-model.ts';
import type { Grid, Vec3 } from '../../../../../main/core/volume/volume.ts';

const sct = (value: string, meaning: string) => ({ value, scheme: 'SCT', meaning });

export const segLabels: readonly ModelLabel[] = [
  {
    value: 1,
    name: 'liver',
    category: sct('123037004', 'Anatomical Structure'),
    type: sct('10200004', 'Liver'),
    color: [221, 130, 101],
  },
  {
    value: 2,
    name: 'spleen',
    category: sct('123037004', 'Anatomical Structure'),
    type: sct('78961009', 'Spleen'),
    color: [157, 108, 162],
  },
  {
    value: 7,
    name: 'bone',
    category: sct('91723000', 'Anatomical Structure'),
    type: sct('272673000', 'Bone'),
    color: [241, 214, 145],
  },
];

/** Oblique, so that a swapped axis or sign cannot go unseen. */
export const obliqueGrid = (shapeZyx: Vec3): Grid => {
  const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
  return {
    shapeZyx,
    spacingZyxMm: [2.5, 0.75, 0.5],
    originLps: [-100.25, 50.5, -700],
    directionsZyx: [
      [0, -s, c],
      [0, c, s],
      [1, 0, 0],
    ],
  };
};

/** A labelmap of blobs and speckles with empty planes at both ends: a fixed pattern, no two planes alike. */
export function patternedLabels(shapeZyx: Vec3, values: readonly number[]): Uint8Array {
  const [planes, rows, columns] = shapeZyx;
  const labels = new Uint8Array(planes * rows * columns);
  let state = 12345;
  for (let z = 1; z < planes - 1; z++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        const inside = (x - columns / 2) ** 2 + (y - rows / 3) ** 2 < (rows / 4 + z) ** 2;
        const speckle = state >>> 28 === 0;
        if (inside || speckle)
          labels[(z * rows + y) * columns + x] = values[(z + (state >>> 16)) % values.length]!;
      }
    }
  }
  return labels;
}

export function makeSegInput(
  shapeZyx: Vec3 = [6, 11, 13],
  options: {
    readonly assembly?: Assembly;
    readonly frames?: readonly FrameRef[];
    readonly labels?: Uint8Array;
  } = {},
): SegInput {
  const grid = obliqueGrid(shapeZyx);
  const frames =
    options.frames ??
    Array.from({ length: shapeZyx[0] }, (_, z): FrameRef => ({
      file: `/study/${z}`,
      frame: 0,
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: `2.25.100${z}`,
      positionLps: grid.originLps.map((o, a) => o + z * 2.5 * grid.directionsZyx[0][a]!) as unknown as Vec3,
      rescaleSlope: 1,
      rescaleIntercept: -1024,
    }));
  const volume = {
    id: '2.25.20',
    part: '',
    frames,
    grid,
    assembly: options.assembly ?? ({ kind: 'stack' } as const),
    lossy: false,
    verdict: { outcome: 'ok', findings: [] } as const,
  };
  const series = {
    seriesInstanceUid: '2.25.20',
    frameOfReferenceUid: '2.25.30',
    modality: 'CT',
    description: 'Chest',
    seriesNumber: 3,
    bodyPart: 'CHEST',
    volumes: [volume],
  };
  const study = {
    studyInstanceUid: '2.25.10',
    patientId: 'P-1',
    patientName: '山田^太郎',
    patientBirthDate: '19500102',
    patientSex: 'M',
    studyDate: '20240131',
    studyTime: '101500',
    studyId: '1',
    accessionNumber: 'A1',
    description: 'Thorax',
    series: [series],
  };
  return {
    labelmap: { labels: options.labels ?? patternedLabels(shapeZyx, [1, 2, 7]), grid },
    labels: segLabels,
    source: { study, series, volume },
    algorithm: {
      name: 'ct-tissue',
      version: '0123456789ab',
      parameters: 'full, CPU, geometry ok',
      isEdited: false,
    },
    softwareVersion: '0.1.0',
    uids: {
      sopInstance: '2.25.41',
      series: '2.25.42',
      dimensionOrganization: '2.25.43',
    },
    contentDate: '20250301',
    contentTime: '120000',
  };
}
