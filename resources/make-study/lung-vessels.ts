import { hila } from './anatomy.ts';
import type { Point, Tube } from './anatomy.ts';
import { seededRandom } from './random.ts';

const generations = 6;

/** Vessels that fork from each hilum towards the pleura, thinner with every generation; the same in every run. */
export function lungVessels(seed: number): Tube[] {
  const random = seededRandom(seed);
  const tubes: Tube[] = [];
  const grow = (from: Point, direction: Point, radius: number, generation: number): void => {
    const length = 20 - 1.8 * generation + 8 * random();
    const to = add(from, direction, length);
    tubes.push({ from, to, radius });
    if (generation === generations) return;
    for (const side of [-1, 1]) {
      const bent = normalised([
        direction[0] + side * (0.35 + 0.4 * random()) * direction[1] + 0.5 * (random() - 0.5),
        direction[1] - side * (0.35 + 0.4 * random()) * direction[2] + 0.5 * (random() - 0.5),
        direction[2] + side * (0.35 + 0.4 * random()) * direction[0] + 0.5 * (random() - 0.5),
      ]);
      grow(to, bent, radius * 0.78, generation + 1);
    }
  };
  for (const { at, towards } of hila) {
    for (let trunk = 0; trunk < 22; trunk++) {
      // Aimed at points spread through the lung, so that every part of it gets some.
      const aim = towards.centre.map(
        (middle, axis) => middle + towards.radii[axis]! * 1.3 * (random() - 0.5),
      ) as unknown as Point;
      grow(at, normalised(add(aim, at, -1)), 3.4, 1);
    }
  }
  return tubes;
}

function add(point: Point, direction: Point, length: number): Point {
  return [
    point[0] + direction[0] * length,
    point[1] + direction[1] * length,
    point[2] + direction[2] * length,
  ];
}

function normalised(vector: Point): Point {
  const length = Math.sqrt(vector[0] ** 2 + vector[1] ** 2 + vector[2] ** 2);
  return [vector[0] / length, vector[1] / length, vector[2] / length];
}
