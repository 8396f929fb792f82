import type { Vec3 } from '../../volume/volume.ts';

/**
 * Coarsens one channel [...shape] in place: voxels are picked (nearest neighbour), then interpolated trilinearly to the grid that
 * there was (batchgeneratorsv2's SimulateLowResolutionTransform).
 *
 * @param parts of the voxels along each axis that are left, in (0, 1]
 */
export function lowerResolution(values: Float32Array, shape: Vec3, parts: Vec3): void {
  const [n0, n1, n2] = shape;
  const [a0, a1, a2] = shape.map((size, axis) => axisSteps(size, parts[axis]!)) as unknown as readonly [
    AxisSteps,
    AxisSteps,
    AxisSteps,
  ];
  const source = Float32Array.from(values);
  let index = 0;
  for (let i = 0; i < n0; i++) {
    const [low0, high0, f0] = [a0.low[i]! * n1, a0.high[i]! * n1, a0.part[i]!];
    for (let j = 0; j < n1; j++) {
      const f1 = a1.part[j]!;
      const ll = (low0 + a1.low[j]!) * n2;
      const lh = (low0 + a1.high[j]!) * n2;
      const hl = (high0 + a1.low[j]!) * n2;
      const hh = (high0 + a1.high[j]!) * n2;
      for (let k = 0; k < n2; k++) {
        const [low, high, f2] = [a2.low[k]!, a2.high[k]!, a2.part[k]!];
        const g2 = 1 - f2;
        const near = (1 - f1) * (g2 * source[ll + low]! + f2 * source[ll + high]!);
        const nearer = f1 * (g2 * source[lh + low]! + f2 * source[lh + high]!);
        const far = (1 - f1) * (g2 * source[hl + low]! + f2 * source[hl + high]!);
        const farther = f1 * (g2 * source[hh + low]! + f2 * source[hh + high]!);
        values[index++] = (1 - f0) * (near + nearer) + f0 * (far + farther);
      }
    }
  }
}

/** Of each voxel along an axis: the two voxels that it is between, and how far it is from the first. */
interface AxisSteps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly part: Float64Array;
}

function axisSteps(size: number, part: number): AxisSteps {
  const coarse = Math.max(1, Math.round(size * part));
  // torch's "nearest-exact": the voxel whose middle is nearest.
  const picked = Int32Array.from({ length: coarse }, (_, i) => Math.floor(((i + 0.5) * size) / coarse));
  const points = Float64Array.from({ length: size }, (_, i) =>
    Math.min(coarse - 1, Math.max(0, ((i + 0.5) * coarse) / size - 0.5)),
  );
  return {
    low: Int32Array.from(points, (point) => picked[Math.floor(point)]!),
    high: Int32Array.from(points, (point) => picked[Math.min(coarse - 1, Math.floor(point) + 1)]!),
    part: points.map((point) => point - Math.floor(point)),
  };
}
