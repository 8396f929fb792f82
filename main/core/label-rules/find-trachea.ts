import { findParts } from '../volume/find-parts.ts';
import type { Vec3 } from '../volume/volume.ts';
import type { Ct } from './ct.ts';
import { squareMillimetres } from './grid-units.ts';
import { voxelsOfParts } from './mask.ts';

const mostHu = -700;
const leastMm2 = 60;
const mostStartMm2 = 700;
const mostMm2 = 900;
/** Part of the body's width on either side of its middle in which the trachea may begin. */
const midlinePart = 0.15;
/** Discs of voxels have 0.89 and more, ellipses twice as long as wide 0.8; a bronchus cut aslant had 0.52. */
const leastCompactness = 0.7;

/** One connected part of a slice. */
interface Section {
  /** Ascending numbers in the slice, row by row. */
  readonly voxels: Uint32Array;
  /** From the middle of the body, in parts of its width. */
  readonly fromMiddle: number;
  /** Area over 2π times the variance about its centre: 1 for a disc, 2ab / (a² + b²) for an ellipse. */
  readonly compactness: number;
}

/** Which end of axis 0 is towards the patient's head. */
export type Top = 'first' | 'last';

/**
 * Rule 3: the trachea, followed from the top slice down while its section overlaps the one above and stays small, so
 * that it ends where the main bronchi enter the lung. Nothing where the top slice shows no trachea.
 */
export function findTrachea({ hu, shape }: Pick<Ct, 'hu' | 'shape'>, body: Uint8Array, top: Top): Uint8Array {
  const [depth, height, width] = shape;
  const plane = height * width;
  const trachea = new Uint8Array(hu.length);
  let above: Section | undefined;
  for (let step = 0; step < depth; step++) {
    const z = top === 'first' ? step : depth - 1 - step;
    const sections = darkSections(hu, body, shape, z);
    above = above === undefined ? sections.find(isStart) : continuation(sections, above);
    if (above === undefined) break;
    for (const at of above.voxels) trachea[z * plane + at] = 1;
  }
  return trachea;
}

/** Dark sections of the body in slice z, each [d1, d2], nearest to its middle first. */
function darkSections(hu: Float32Array, body: Uint8Array, [, height, width]: Vec3, z: number): Section[] {
  const plane = height * width;
  const from = z * plane;
  const dark = new Uint8Array(plane);
  let [left, right] = [width, 0];
  for (let i = 0; i < plane; i++) {
    if (body[from + i] === 0) continue;
    left = Math.min(left, i % width);
    right = Math.max(right, i % width);
    if (hu[from + i] < mostHu) dark[i] = 1;
  }
  const parts = findParts(dark, [1, height, width], 1, { start: [0, 0, 0], end: [1, height, width] });
  return voxelsOfParts(parts)
    .slice(1)
    .map((voxels) => describeSection(voxels, width, (left + right) / 2, right - left + 1))
    .sort((a, b) => a.fromMiddle - b.fromMiddle);
}

function describeSection(voxels: Uint32Array, width: number, middle: number, bodyWidth: number): Section {
  let [x, y, squares] = [0, 0, 0];
  for (const at of voxels) {
    const [column, row] = [at % width, Math.floor(at / width)];
    x += column;
    y += row;
    squares += column * column + row * row;
  }
  const area = voxels.length;
  // Voxels are squares of their own: 1/12 along each axis.
  const spread = squares / area - (x / area) ** 2 - (y / area) ** 2 + 1 / 6;
  return {
    voxels,
    fromMiddle: Math.abs(x / area - middle) / bodyWidth,
    compactness: area / (2 * Math.PI * spread),
  };
}

function isStart({ voxels, fromMiddle, compactness }: Section): boolean {
  const mm2 = squareMillimetres(voxels.length);
  return (
    mm2 >= leastMm2 && mm2 <= mostStartMm2 && fromMiddle <= midlinePart && compactness >= leastCompactness
  );
}

/** The section that shares the most with the one above, if that one is small enough. */
function continuation(sections: readonly Section[], above: Section): Section | undefined {
  const before = new Set(above.voxels);
  let [best, shared] = [undefined as Section | undefined, 0];
  for (const section of sections) {
    const common = section.voxels.reduce((count, at) => count + Number(before.has(at)), 0);
    if (common > shared) [best, shared] = [section, common];
  }
  return best && squareMillimetres(best.voxels.length) < mostMm2 ? best : undefined;
}
