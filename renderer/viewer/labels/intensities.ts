import { cache } from '@cornerstonejs/core';
import type { Viewer } from '../viewer.ts';

/**
 * The intensity of a voxel by its number (z, y, x of the study's grid), from what the viewer shows: of a reduced volume the
 * closest voxel that was kept.
 */
export function intensityReader(viewer: Viewer): (voxel: number) => number {
  const [, rows, columns] = viewer.grid.shapeZyx;
  const [, , textureColumns] = viewer.textureGrid.shapeZyx;
  const [stepZ, stepY, stepX] = viewer.plan.stepZyx;
  const planes = new Map<number, ArrayLike<number>>();
  const planeAt = (index: number): ArrayLike<number> => {
    let plane = planes.get(index);
    if (!plane) {
      const image = cache.getImage(`${viewer.volumeId}/${index}`)!;
      planes.set(index, (plane = image.voxelManager!.getScalarData() as ArrayLike<number>));
    }
    return plane;
  };
  return (voxel) => {
    const z = Math.floor(voxel / (rows * columns));
    const rest = voxel - z * rows * columns;
    const [y, x] = [Math.floor(rest / columns), rest % columns];
    const row = Math.floor(y / stepY) * textureColumns;
    return planeAt(Math.floor(z / stepZ))[row + Math.floor(x / stepX)]!;
  };
}
