import type { Decision } from '../../../../../main/core/model/segmentation-model.ts';
import type { AxisMap } from '../../../../../main/core/segment/5-restore/axis-map.ts';
import { cellOf } from '../../../../../main/core/segment/5-restore/axis-map.ts';
import type { AxisMaps } from '../../../../../main/core/segment/5-restore/restore-target.ts';
import type { Vec3 } from '../../../../../main/core/volume/volume.ts';

/** Every class at every output voxel, then the decision: what `restoreRows` must give. [plane, class, d1, d2] in. */
export function restoreByBruteForce(
  logits: Float32Array,
  classes: number,
  shape: Vec3,
  maps: AxisMaps,
  decision: Decision,
): Uint8Array {
  const [, n1, n2] = shape;
  const at = (p: number, c: number, y: number, x: number) => logits[((p * classes + c) * n1 + y) * n2 + x];
  const labels = [];
  const [zs, ys, xs] = maps.map(samplesOf);
  for (const z of zs) {
    for (const y of ys) {
      for (const x of xs) {
        const values = Array.from({ length: classes }, (_, c) => {
          const alongZ = (j: number, i: number) => lerp(at(z.lower, c, j, i), at(z.upper, c, j, i), z.weight);
          const alongY = (i: number) => lerp(alongZ(y.lower, i), alongZ(y.upper, i), y.weight);
          return lerp(alongY(x.lower), alongY(x.upper), x.weight);
        });
        labels.push(decide(values, decision));
      }
    }
  }
  return Uint8Array.from(labels);
}

function samplesOf(map: AxisMap) {
  return Array.from({ length: map.outSize }, (_, o) => {
    const k = cellOf(map, o);
    return { lower: map.lower[k], upper: map.upper[k], weight: map.upperWeight[o] };
  });
}

function lerp(a: number, b: number, t: number): number {
  return a * (1 - t) + b * t;
}

function decide(values: number[], { kind, values: labels }: Decision): number {
  if (kind === 'argmax') return labels[values.indexOf(Math.max(...values))];
  // sigmoid(v) > 0.5, without the rounding of 1 + exp(-v) that hides a v of 1e-17.
  return labels.reduce((label, each, c) => (values[c] > 0 ? each : label), 0);
}
