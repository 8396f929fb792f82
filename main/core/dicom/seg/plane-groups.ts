import type { Grid } from '../../volume/volume.ts';
import { encodeDataSet } from '../write/encode-data-set.ts';
import { EncodedItem } from '../write/data-set.ts';
import { codeItem } from './describe-segments.ts';
import { multiFrameInstances, sopClassOf, sourceFrames } from './source-frames.ts';
import type { SegInput } from './seg-input.ts';

/** What all frames of one plane share: encoded once, put into the groups of each frame. */
export interface PlaneGroups {
  readonly derivation: EncodedItem;
  readonly position: EncodedItem;
}

const segmentation = { value: '113076', scheme: 'DCM', meaning: 'Segmentation' };
const sourceForProcessing = {
  value: '121322',
  scheme: 'DCM',
  meaning: 'Source image for image processing operation',
};

/** The Derivation Image and Plane Position (Patient) items of each plane z (PS3.3 section A.51.5). */
export function planeGroups({ labelmap, source }: SegInput): PlaneGroups[] {
  const multiFrame = multiFrameInstances(source.volume.frames);
  return sourceFrames(source.volume).map(({ frames, preserved }, plane) => ({
    derivation: new EncodedItem(
      encodeDataSet({
        SourceImageSequence: frames.map((frame) => ({
          ReferencedSOPClassUID: sopClassOf(frame, source.series.modality),
          ReferencedSOPInstanceUID: frame.sopInstanceUid,
          ReferencedFrameNumber: multiFrame.has(frame.sopInstanceUid) ? frame.frame + 1 : undefined,
          SpatialLocationsPreserved: preserved ? 'YES' : 'NO',
          PurposeOfReferenceCodeSequence: [codeItem(sourceForProcessing)],
        })),
        DerivationCodeSequence: [codeItem(segmentation)],
      }),
    ),
    position: new EncodedItem(encodeDataSet({ ImagePositionPatient: planeOrigin(labelmap.grid, plane) })),
  }));
}

function planeOrigin(grid: Grid, plane: number): number[] {
  const depth = plane * grid.spacingZyxMm[0];
  return grid.originLps.map((origin, axis) => origin + depth * grid.directionsZyx[0][axis]!);
}
