import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clusterVertices } from '../../../../main/core/surface/cluster-vertices.ts';
import { cubeTriangles } from '../../../../main/core/surface/cube-triangles.ts';
import { boxOfBounds, labelSurface } from '../../../../main/core/surface/label-surface.ts';
import { marchCubes } from '../../../../main/core/surface/march-cubes.ts';
import { meshArea, meshVolume, vertexNormals, type Mesh } from '../../../../main/core/surface/mesh.ts';
import { smoothMesh } from '../../../../main/core/surface/smooth-mesh.ts';
import { toPatient } from '../../../../main/core/surface/to-patient.ts';
import { orientGrid, type Orientation } from '../../../../main/core/volume/orientation.ts';
import type { Grid, Vec3 } from '../../../../main/core/volume/volume.ts';

const whole = (shape: Vec3) => ({ start: [0, 0, 0] as Vec3, end: shape });

/** How much more often edges are run through in one direction than in the other; nothing remains of a closed mesh. */
function openEdges({ triangles, positions }: Mesh): number {
  const vertices = positions.length / 3;
  const runs = new Map<number, number>();
  for (let t = 0; t < triangles.length; t += 3) {
    for (let corner = 0; corner < 3; corner++) {
      const [a, b] = [triangles[t + corner]!, triangles[t + ((corner + 1) % 3)]!];
      const key = Math.min(a, b) * vertices + Math.max(a, b);
      runs.set(key, (runs.get(key) ?? 0) + (a < b ? 1 : -1));
    }
  }
  return [...runs.values()].filter((surplus) => surplus !== 0).length;
}

function ball(radiusMm: number, grid: Grid): Uint8Array {
  const [nz, ny, nx] = grid.shapeZyx;
  const [dz, dy, dx] = grid.spacingZyxMm;
  const labels = new Uint8Array(nz * ny * nx);
  for (let z = 0, at = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, at++) {
        const d = Math.hypot((z - (nz - 1) / 2) * dz, (y - (ny - 1) / 2) * dy, (x - (nx - 1) / 2) * dx);
        if (d <= radiusMm) labels[at] = 3;
      }
    }
  }
  return labels;
}

const ballGrid: Grid = {
  shapeZyx: [30, 44, 56],
  spacingZyxMm: [2, 1.25, 1],
  originLps: [-30, 40, 100],
  directionsZyx: [
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ],
};
const radius = 24;
const ballVolume = (4 / 3) * Math.PI * radius ** 3;
const ballArea = 4 * Math.PI * radius ** 2;

describe('the table', () => {
  test('has the well-known counts, and is empty where all corners agree', () => {
    expect(cubeTriangles).toHaveLength(256);
    expect(cubeTriangles[0]).toEqual([]);
    expect(cubeTriangles[255]).toEqual([]);
    // One corner: a triangle from the edge along x to that along y to that along z.
    expect(new Set(cubeTriangles[1])).toEqual(new Set([0, 8, 16]));
    expect(cubeTriangles[0b1111]).toHaveLength(6);
    expect(Math.max(...cubeTriangles.map((each) => each.length / 3))).toBe(5);
  });
});

describe('marching cubes', () => {
  test('any pattern of voxels gets a closed surface with the right side out', () => {
    const shape: Vec3 = [4, 3, 5];
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 60, maxLength: 60, max: 2 }), (labels) => {
        const mesh = marchCubes(labels, shape, 1, whole(shape));
        expect(openEdges(mesh)).toBe(0);
        if (labels.includes(1)) expect(meshVolume(mesh)).toBeGreaterThan(0);
        else expect(mesh.triangles).toHaveLength(0);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  test('one voxel is an octahedron half a voxel around its centre', () => {
    const labels = new Uint8Array(27);
    labels[13] = 1;
    const mesh = marchCubes(labels, [3, 3, 3], 1, { start: [1, 1, 1], end: [2, 2, 2] });
    expect(mesh.positions).toHaveLength(18);
    expect(mesh.triangles).toHaveLength(24);
    expect(meshVolume(mesh)).toBeCloseTo(1 / 6, 12);
  });

  test('reads nothing outside the box, and shares vertices', () => {
    const labels = ball(radius, ballGrid);
    const mesh = marchCubes(labels, ballGrid.shapeZyx, 3, { start: [0, 0, 0], end: [15, 44, 56] });
    expect(openEdges(mesh)).toBe(0);
    expect(Math.max(...mesh.positions.filter((_, i) => i % 3 === 2))).toBe(14.5);
    const keys = new Set<string>();
    for (let at = 0; at < mesh.positions.length; at += 3) {
      keys.add(mesh.positions.subarray(at, at + 3).join());
    }
    expect(keys.size).toBe(mesh.positions.length / 3);
  });
});

describe('the surface of a ball of 24 mm', () => {
  const labels = ball(radius, ballGrid);
  const box = whole(ballGrid.shapeZyx);

  test('is closed, with its volume and, smoothed, its area', () => {
    const stepped = labelSurface({ labels, grid: ballGrid }, 3, box, { smoothing: 0, triangles: Infinity });
    const mesh = labelSurface({ labels, grid: ballGrid }, 3, box, { triangles: Infinity });
    for (const each of [stepped, mesh]) {
      expect(openEdges(each)).toBe(0);
      // Voxels whose centre is inside, cut at half: within a percent of the ball at these spacings.
      expect(meshVolume(each) / ballVolume).toBeCloseTo(1, 1.7);
    }
    // Steps have more area than a sphere; most of it is gone.
    expect(meshArea(stepped) / ballArea).toBeGreaterThan(1.06);
    expect(meshArea(mesh) / ballArea).toBeLessThan(1.03);
    expect(meshArea(mesh) / ballArea).toBeGreaterThan(0.98);
  });

  test('made coarser it is still closed, of about as many triangles as asked for, and of the same volume', () => {
    const mesh = labelSurface({ labels, grid: ballGrid }, 3, box, { triangles: Infinity });
    for (const target of [4000, 1000]) {
      const coarse = clusterVertices(mesh, target);
      expect(openEdges(coarse)).toBe(0);
      expect(coarse.triangles.length / 3 / target).toBeGreaterThan(0.6);
      expect(coarse.triangles.length / 3 / target).toBeLessThan(1.2);
      expect(meshVolume(coarse) / meshVolume(mesh)).toBeGreaterThan(0.95);
    }
    expect(clusterVertices(mesh, 1e6)).toBe(mesh);
  });

  test('lies where the grid lies, outside out, whichever way its axes run', () => {
    const plain = labelSurface({ labels, grid: ballGrid }, 3, box);
    const centre: Vec3 = [-30 + 27.5, 40 + 1.25 * 21.5, 100 + 2 * 14.5];
    for (let bits = 0; bits < 8; bits++) {
      const flips = [0, 1, 2].map((axis) => ((bits >> axis) & 1) === 1) as unknown as Orientation['flips'];
      // The ball is symmetric: the flipped array is the array.
      const grid = orientGrid(ballGrid, { permutation: [0, 1, 2], flips });
      const mesh = labelSurface({ labels, grid }, 3, box);
      expect(meshVolume(mesh)).toBeCloseTo(meshVolume(plain), -1);
      const normals = vertexNormals(mesh);
      for (let at = 0; at < mesh.positions.length; at += 3) {
        const out = [0, 1, 2].reduce(
          (sum, axis) => sum + (mesh.positions[at + axis]! - centre[axis]!) * normals[at + axis]!,
          0,
        );
        expect(out).toBeGreaterThan(0.7 * radius);
      }
    }
  });
});

test('smoothing moves vertices only, and leaves a flat side flat', () => {
  const shape: Vec3 = [6, 20, 20];
  const labels = new Uint8Array(6 * 400).fill(1);
  const mesh = marchCubes(labels, shape, 1, whole(shape));
  const smooth = smoothMesh(mesh, 4);
  expect(smooth.triangles).toBe(mesh.triangles);
  const middle = mesh.positions.findIndex(
    (_, i) =>
      i % 3 === 0 &&
      mesh.positions[i] === 10 &&
      mesh.positions[i + 1] === 10 &&
      mesh.positions[i + 2] === -0.5,
  );
  expect([...smooth.positions.subarray(middle, middle + 3)]).toEqual([10, 10, -0.5]);
});

test('a label without a voxel has no triangle', () => {
  const grid: Grid = { ...ballGrid, shapeZyx: [2, 2, 2] };
  const mesh = labelSurface(
    { labels: new Uint8Array(8), grid },
    1,
    boxOfBounds({ min: [0, 0, 0], max: [1, 1, 1] }),
  );
  expect(mesh.triangles).toHaveLength(0);
  expect(toPatient(mesh, grid).positions).toHaveLength(0);
});
