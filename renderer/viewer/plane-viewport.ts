import type { Types } from '@cornerstonejs/core';
import type { Vec3 } from '../../main/core/volume/volume.ts';
import type { PlaneCamera } from './planes.ts';
import { along, dot, minus } from './vectors.ts';

/** What a plane shows now. */
export interface PlaneState {
  /** CSS pixels per mm. */
  readonly pixelsPerMm: number;
  /** Relative to the image fitted into its element. */
  readonly zoom: number;
  /** Where the cursor is, CSS pixels from the top left corner of the element. */
  readonly cursorAt: readonly [number, number];
}

/** Moves a plane along its normal until it goes through `lps`; what is panned and zoomed stays. Whether it had to. */
export function moveThrough(viewport: Types.IVolumeViewport, { normal }: PlaneCamera, lps: Vec3): boolean {
  const { focalPoint, position } = viewport.getCamera() as { focalPoint: Vec3; position: Vec3 };
  const distance = dot(minus(lps, focalPoint), normal);
  if (Math.abs(distance) < 1e-4) return false;
  viewport.setCamera({
    focalPoint: [...along(focalPoint, normal, distance)],
    position: [...along(position, normal, distance)],
  });
  return true;
}

export function planeStateOf(viewport: Types.IVolumeViewport, cursorLps: Vec3): PlaneState {
  const { parallelScale } = viewport.getCamera();
  const [x, y] = viewport.worldToCanvas([...cursorLps]);
  return {
    // The parallel scale is half the height of what is seen, in mm.
    pixelsPerMm: viewport.element.clientHeight / (2 * parallelScale!),
    zoom: viewport.getZoom(),
    cursorAt: [x, y],
  };
}

/** Whether all of the image is seen as it was first shown: neither zoomed nor panned. */
export function isFitted(viewport: Types.IVolumeViewport): boolean {
  const [x, y] = viewport.getPan();
  return Math.abs(viewport.getZoom() - 1) < 1e-3 && Math.hypot(x, y) < 1;
}
