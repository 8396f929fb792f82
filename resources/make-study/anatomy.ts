import type { TissueName } from './tissue.ts';

// A chest from the upper abdomen (z = 0) to the lung apices, mm. x grows to the left, y to the back, z to the head;
// x = 0 is the midline and y = 0 the middle of the body.

export interface Tube {
  readonly from: Point;
  readonly to: Point;
  readonly radius: number;
}

export type Point = readonly [x: number, y: number, z: number];

/** The windpipe, its fork and the main bronchi. */
export const carina: Point = [0, 14, 128];
const airways: readonly Tube[] = [
  { from: [0, 6, 230], to: carina, radius: 9 },
  { from: carina, to: [-30, 16, 104], radius: 7 },
  { from: carina, to: [34, 18, 100], radius: 6 },
];

/** Blood vessels of the mediastinum. */
const vessels: readonly Tube[] = [
  { from: [22, 52, -10], to: [20, 48, 138], radius: 12 },
  { from: [20, 48, 138], to: [6, 0, 152], radius: 13 },
  { from: [6, 0, 152], to: [-8, -26, 96], radius: 14 },
  { from: [-26, -14, 190], to: [-26, -12, 92], radius: 8 },
  { from: [-34, 2, 108], to: [36, 2, 112], radius: 10 },
];

/** Half the length of the ellipsoid's axes. */
interface Ellipsoid {
  readonly centre: Point;
  readonly radii: Point;
}

const heart: Ellipsoid = { centre: [22, -22, 66], radii: [54, 42, 46] };
const liver: Ellipsoid = { centre: [-52, -4, -8], radii: [86, 84, 66] };
const spleen: Ellipsoid = { centre: [82, 42, 4], radii: [32, 36, 42] };
const stomach: Ellipsoid = { centre: [56, -18, -2], radii: [40, 36, 38] };
const leftDome: Ellipsoid = { centre: [66, 6, -16], radii: [78, 86, 66] };
const rightLung: Ellipsoid = { centre: [-66, 4, 82], radii: [62, 82, 112] };
const leftLung: Ellipsoid = { centre: [68, 6, 84], radii: [60, 80, 108] };

/** 0 at the centre, 1 on the surface. */
function depth({ centre, radii }: Ellipsoid, x: number, y: number, z: number): number {
  const [dx, dy, dz] = [(x - centre[0]) / radii[0], (y - centre[1]) / radii[1], (z - centre[2]) / radii[2]];
  return Math.sqrt(dx * dx + dy * dy + dz * dz);
}

/** Distance to a tube's axis less its radius: negative inside. */
export function outsideTube({ from, to, radius }: Tube, x: number, y: number, z: number): number {
  const [ax, ay, az] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const [px, py, pz] = [x - from[0], y - from[1], z - from[2]];
  const along = Math.max(0, Math.min(1, (px * ax + py * ay + pz * az) / (ax * ax + ay * ay + az * az)));
  const [dx, dy, dz] = [px - along * ax, py - along * ay, pz - along * az];
  return Math.sqrt(dx * dx + dy * dy + dz * dz) - radius;
}

/** Half width and half depth of the body at height z: narrower towards the shoulders' root and the waist. */
function bodyRadii(z: number): readonly [number, number] {
  const bend = (z - 90) / 110;
  return [156 - 10 * bend * bend, 110 - 8 * bend * bend];
}

/** How far inside an ellipse, mm, about: positive inside. */
function insideEllipse(x: number, y: number, a: number, b: number): number {
  const r = Math.sqrt((x / a) ** 2 + (y / b) ** 2);
  return r === 0 ? Math.min(a, b) : (1 - r) * (Math.sqrt(x * x + y * y) / r);
}

/** The tissue at a point. Organs are asked from the outside in, and a hollow one before what surrounds it. */
export function tissueAt(x: number, y: number, z: number): TissueName {
  const [a, b] = bodyRadii(z);
  const inside = insideEllipse(x, y, a, b);
  if (inside < 0) return isTable(x, y) ? 'table' : 'air';
  if (inside < 2) return 'skin';
  // The fat is thicker at the flanks and the belly than over the breastbone and the back.
  const fat = 11 + 7 * (x / a) ** 2 + 0.03 * Math.max(0, 60 - z);
  const spine = spineAt(x, y, z);
  if (spine) return spine;
  if (inside < fat) return 'fat';
  const intoWall = inside - fat;
  const rib = ribAt(x, y, z, intoWall);
  if (rib) return rib;
  if (intoWall < 17) return wallAt(x, y, intoWall);
  return cavityAt(x, y, z);
}

/** A carbon couch top under the back. */
function isTable(x: number, y: number): boolean {
  const sag = 128 - (x * x) / 900;
  return Math.abs(x) < 165 && Math.abs(y - sag) < 3.5;
}

/** Muscle in two sheets with fat between, and muscles of the back beside the spine. */
function wallAt(x: number, y: number, intoWall: number): TissueName {
  const beside = y > 45 && Math.abs(x) < 62;
  return !beside && intoWall > 4.5 && intoWall < 7 ? 'fat' : 'muscle';
}

const vertebraHeight = 27;
const discHeight = 6;

function spineAt(x: number, y: number, z: number): TissueName | null {
  const level = ((z % vertebraHeight) + vertebraHeight) % vertebraHeight;
  const disc = level < discHeight;
  const body = Math.sqrt((x / 19) ** 2 + ((y - 62) / 15) ** 2);
  if (body < 1) {
    if (disc) return 'cartilage';
    const nearPlate = level < discHeight + 2 || level > vertebraHeight - 2;
    return body > 0.88 || nearPlate ? 'cortex' : 'marrow';
  }
  const canal = Math.sqrt(x * x + (y - 84) ** 2);
  if (canal < 5.5) return 'cord';
  if (canal < 8) return 'fat';
  if (disc) return null;
  if (canal < 12 && y > 78) return 'cortex';
  const transverse = Math.abs(y - 80) < 5 && Math.abs(x) < 34 && level > 11 && level < 22;
  const spinous = Math.abs(x) < 3.5 && y > 94 && y < 106 - 0.2 * level;
  if (!transverse && !spinous) return null;
  return Math.abs(x) < 1.5 || Math.abs(y - 80) < 2 ? 'marrow' : 'cortex';
}

const ribSpacing = 25;

/** Ribs run in the wall from the spine forwards and down; in front they are cartilage up to the breastbone. */
function ribAt(x: number, y: number, z: number, intoWall: number): TissueName | null {
  if (intoWall < 3 || intoWall > 17) return null;
  if (y < -60 && Math.abs(x) < 19 && z > 52 && z < 165)
    return boneAround(10 - intoWall, (19 - Math.abs(x)) / 2, 5);
  // 0 at the spine, 1 at the breastbone.
  const forwards = 0.5 - y / 190;
  if (forwards > 0.93 || (Math.abs(x) < 30 && y > 0)) return null;
  const height = z + 56 * forwards + 4;
  const from = ((height % ribSpacing) + ribSpacing) % ribSpacing;
  const offset = from - ribSpacing / 2;
  if (height < ribSpacing || Math.abs(offset) > 6.5) return null;
  const bone = boneAround(11 - intoWall, offset, 4.2, 6.5);
  return bone && forwards > 0.8 ? 'cartilage' : bone;
}

/** An oval of bone, a shell of cortex around marrow. */
function boneAround(
  across: number,
  along: number,
  halfAcross: number,
  halfAlong = halfAcross,
): TissueName | null {
  const r = Math.sqrt((across / halfAcross) ** 2 + (along / halfAlong) ** 2);
  if (r > 1) return null;
  return r > 0.6 ? 'cortex' : 'marrow';
}

function cavityAt(x: number, y: number, z: number): TissueName {
  const airway = Math.min(...airways.map((tube) => outsideTube(tube, x, y, z)));
  if (airway < 0) return 'gas';
  if (airway < 2) return 'wall';
  const belly = abdomenAt(x, y, z);
  if (belly) return belly;
  const beat = depth(heart, x, y, z);
  if (beat < 1) return 'blood';
  if (vessels.some((tube) => outsideTube(tube, x, y, z) < 0)) return 'blood';
  if (beat < 1.08) return 'fat';
  // The mediastinum is narrow between the lungs and flares towards the spine and the breastbone.
  const midline = Math.abs(x - 3) < 15 + 12 * (y / 60) ** 2 && y > -72;
  if (!midline && (depth(rightLung, x, y, z) < 1 || depth(leftLung, x, y, z) < 1)) return 'lung';
  // Fat between the great vessels and the breastbone; pleura and other soft tissue towards the lungs.
  return Math.abs(x - 3) < 9 && y < 40 ? 'fat' : 'muscle';
}

/** Under the diaphragm, which is a thin muscle over both domes. */
function abdomenAt(x: number, y: number, z: number): TissueName | null {
  const right = depth(liver, x, y, z);
  const left = depth(leftDome, x, y, z);
  if (right < 0.97) return 'liver';
  if (left < 0.96) {
    const bubble = depth(stomach, x, y, z);
    // Gas rises to the front of someone who lies on the back.
    if (bubble < 0.9) return y < -26 ? 'gas' : 'wall';
    if (bubble < 1) return 'muscle';
    return depth(spleen, x, y, z) < 1 ? 'spleen' : 'fat';
  }
  return right < 1 || left < 1 ? 'muscle' : null;
}

/** Where the vessels of each lung come from. */
export const hila: readonly { readonly at: Point; readonly towards: Ellipsoid }[] = [
  { at: [-36, 10, 104], towards: rightLung },
  { at: [38, 12, 102], towards: leftLung },
];
