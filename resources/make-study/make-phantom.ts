import type { Grid, Labelmap, Vec3, Volume } from '../../main/core/volume/volume.ts';
import { outsideTube, tissueAt } from './anatomy.ts';
import { lungVessels } from './lung-vessels.ts';
import { seededNormal } from './random.ts';
import { tissueIndex, tissues } from './tissue.ts';

const shapeZyx: Vec3 = [64, 192, 192];
const spacingZyxMm: Vec3 = [3, 1.8, 1.8];

export const phantomGrid: Grid = {
  shapeZyx,
  spacingZyxMm,
  originLps: [-171.9, -171.9, -96],
  directionsZyx: [
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ],
};

/** Samples a voxel in each direction: what a voxel shows is the mean of the tissues in it. */
const perVoxel = 2;
const noiseHu = 26;
const [planes, rows, columns] = shapeZyx;

/** A synthetic chest CT (HU) and its known truth: which label most of each voxel is. The same in every run. */
export function makePhantom(): { readonly volume: Volume; readonly truth: Labelmap } {
  const fine = paintTissues();
  const hu = new Float32Array(planes * rows * columns);
  const labels = new Uint8Array(hu.length);
  const fineColumns = columns * perVoxel;
  const finePlane = rows * perVoxel * fineColumns;
  const votes = new Uint8Array(6);
  for (let z = 0; z < planes; z++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const corner = (z * finePlane + y * fineColumns + x) * perVoxel;
        let sum = 0;
        votes.fill(0);
        for (let sample = 0; sample < perVoxel ** 3; sample++) {
          const at = corner + (sample & 1) + ((sample >> 1) & 1) * fineColumns + (sample >> 2) * finePlane;
          const tissue = tissues[fine[at]!]!;
          sum += tissue.hu;
          votes[tissue.label]!++;
        }
        const voxel = (z * rows + y) * columns + x;
        hu[voxel] = sum / perVoxel ** 3;
        labels[voxel] = votes.indexOf(Math.max(...votes));
      }
    }
  }
  return { volume: { voxels: withNoise(hu), grid: phantomGrid }, truth: { labels, grid: phantomGrid } };
}

/** Tissue indices on the fine grid, `perVoxel` samples a voxel and direction. */
function paintTissues(): Uint8Array {
  const [fp, fr, fc] = [planes * perVoxel, rows * perVoxel, columns * perVoxel];
  const fine = new Uint8Array(fp * fr * fc);
  const [dz, dy, dx] = spacingZyxMm.map((mm) => mm / perVoxel) as [number, number, number];
  for (let z = 0, at = 0; z < fp; z++) {
    for (let y = 0; y < fr; y++) {
      for (let x = 0; x < fc; x++, at++) {
        const tissue = tissueAt((x + 0.5 - fc / 2) * dx, (y + 0.5 - fr / 2) * dy, (z + 0.5) * dz);
        fine[at] = tissueIndex[tissue];
      }
    }
  }
  paintVessels(fine, [fp, fr, fc], [dz, dy, dx]);
  return fine;
}

function paintVessels(fine: Uint8Array, [fp, fr, fc]: Vec3, [dz, dy, dx]: Vec3): void {
  const { lung, 'lung vessel': vessel } = tissueIndex;
  for (const tube of lungVessels(3)) {
    const range = (axis: 0 | 1 | 2, step: number, middle: number, count: number): [number, number] => {
      const [low, high] = [
        Math.min(tube.from[axis], tube.to[axis]),
        Math.max(tube.from[axis], tube.to[axis]),
      ];
      const first = Math.floor((low - tube.radius) / step + middle - 0.5);
      const last = Math.ceil((high + tube.radius) / step + middle - 0.5);
      return [Math.max(0, first), Math.min(count - 1, last)];
    };
    const [x0, x1] = range(0, dx, fc / 2, fc);
    const [y0, y1] = range(1, dy, fr / 2, fr);
    const [z0, z1] = range(2, dz, 0, fp);
    for (let z = z0; z <= z1; z++) {
      for (let y = y0; y <= y1; y++) {
        for (let x = x0; x <= x1; x++) {
          const at = (z * fr + y) * fc + x;
          if (fine[at] !== lung) continue;
          const outside = outsideTube(tube, (x + 0.5 - fc / 2) * dx, (y + 0.5 - fr / 2) * dy, (z + 0.5) * dz);
          if (outside < 0) fine[at] = vessel;
        }
      }
    }
  }
}

/** Adds noise that is alike in neighbours within a slice, as a reconstruction kernel makes it, and rounds. */
function withNoise(hu: Float32Array): Int16Array {
  const normal = seededNormal(20250101);
  const noisy = new Int16Array(hu.length);
  const raw = new Float32Array((rows + 2) * (columns + 2));
  for (let z = 0; z < planes; z++) {
    for (let index = 0; index < raw.length; index++) raw[index] = normal() * noiseHu;
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const at = (y + 1) * (columns + 2) + x + 1;
        const beside = raw[at - 1]! + raw[at + 1]! + raw[at - columns - 2]! + raw[at + columns + 2]!;
        const noise = raw[at]! * 0.34 + beside * 0.165;
        const voxel = (z * rows + y) * columns + x;
        noisy[voxel] = Math.max(-1024, Math.min(3071, Math.round(hu[voxel]! + noise)));
      }
    }
  }
  return noisy;
}
