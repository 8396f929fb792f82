import { voxelCount, type Vec3, type Voxels } from '../volume.ts';
import { planSmoothedAxis } from './axis-plan.ts';
import { paddedSize, resampleColumns } from './resample-axis.ts';
import { createPlaneResampler } from './resample-plane.ts';

/**
 * Linear resampling to another number of voxels over the same extent, smoothed along the axes that get coarser (skimage's
 * `resize` with order 1, mode edge and `anti_aliasing`). Slice by slice, so that no copy of the whole is made.
 *
 * @param voxels z, y, x
 */
export function resampleSmoothed(voxels: Voxels, shapeZyx: Vec3, targetZyx: Vec3): Float32Array {
  const [depth, height, width] = shapeZyx;
  const [planes, rows, columns] = targetZyx;
  const slices = createPlaneResampler(planSmoothedAxis(height, rows), planSmoothedAxis(width, columns));
  const narrowed = new Float32Array(depth * rows * columns);
  for (let z = 0; z < depth; z++) {
    slices.source.set(voxels.subarray(z * height * width, (z + 1) * height * width));
    narrowed.set(slices.run(), z * rows * columns);
  }
  const plan = planSmoothedAxis(depth, planes);
  const column = new Float64Array(paddedSize(plan) * columns);
  const shortened = new Float64Array(planes * columns);
  const out = new Float32Array(voxelCount(targetZyx));
  for (let y = 0; y < rows; y++) {
    for (let z = 0; z < depth; z++) {
      const from = (z * rows + y) * columns;
      column.set(narrowed.subarray(from, from + columns), (plan.pad + z) * columns);
    }
    resampleColumns(column, columns, plan, shortened);
    for (let z = 0; z < planes; z++) {
      out.set(shortened.subarray(z * columns, (z + 1) * columns), (z * rows + y) * columns);
    }
  }
  return out;
}
