import type { FrameRef, SeriesVolume } from '../study.ts';
import type { Vec3 } from '../../volume/volume.ts';
import { DicomWriteError } from '../write/dicom-write-error.ts';

/** The source images from which one plane of a result derives. */
export interface PlaneSource {
  readonly frames: readonly FrameRef[];
  /** Each pixel of the plane lies where the same pixel of its one source lies (0028,135A). */
  readonly preserved: boolean;
}

/** How far, as a part of the spacing, a plane may lie from an image and still count as that image. */
const samePlane = 1e-3;

/**
 * Which source images each plane z of a volume's grid derives from. A stack maps one to one; a resheared plane
 * derives from one image whose pixels were moved; a resampled plane from the two images around it.
 */
export function sourceFrames(volume: SeriesVolume): PlaneSource[] {
  const { frames, grid, assembly } = volume;
  if (!grid) throw new DicomWriteError('the source has no grid');
  const planes = grid.shapeZyx[0];
  if (assembly.kind !== 'resample') {
    if (frames.length !== planes) {
      throw new DicomWriteError(`${planes} planes cannot refer to ${frames.length} images one to one`);
    }
    return frames.map((frame) => ({ frames: [frame], preserved: assembly.kind === 'stack' }));
  }
  const spacing = grid.spacingZyxMm[0];
  const depths = frames.map((frame) => depthMm(frame.positionLps, grid.originLps, grid.directionsZyx[0]));
  return Array.from({ length: planes }, (_, plane) => {
    const depth = plane * spacing;
    let after = depths.findIndex((image) => image >= depth - samePlane * spacing);
    if (after < 0) after = frames.length - 1;
    const exact = Math.abs(depths[after]! - depth) <= samePlane * spacing;
    if (exact || after === 0) return { frames: [frames[after]!], preserved: exact };
    return { frames: [frames[after - 1]!, frames[after]!], preserved: false };
  });
}

function depthMm(position: Vec3, origin: Vec3, normal: Vec3): number {
  return (
    (position[0] - origin[0]) * normal[0] +
    (position[1] - origin[1]) * normal[1] +
    (position[2] - origin[2]) * normal[2]
  );
}

/** SOP instances of which the volume uses more than the first frame: references to them name the frame. */
export function multiFrameInstances(frames: readonly FrameRef[]): ReadonlySet<string> {
  return new Set(frames.filter((frame) => frame.frame > 0).map((frame) => frame.sopInstanceUid));
}

// The classic image storage classes (PS3.4 section B.5) of the modalities that a volume can have.
const classOfModality: Readonly<Record<string, string | undefined>> = {
  CT: '1.2.840.10008.5.1.4.1.1.2',
  MR: '1.2.840.10008.5.1.4.1.1.4',
  PT: '1.2.840.10008.5.1.4.1.1.128',
  NM: '1.2.840.10008.5.1.4.1.1.20',
};
const secondaryCapture = '1.2.840.10008.5.1.4.1.1.7';

/** A reference needs the class of the object, which some anonymisers take away: then that of its modality. */
export function sopClassOf({ sopClassUid }: FrameRef, modality: string): string {
  return sopClassUid || (classOfModality[modality] ?? secondaryCapture);
}
