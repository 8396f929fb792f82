import type { Tile, TilePlan } from '../2-tile/tile-plan.ts';

/**
 * Weighted sums of the tiles' outputs, for the planes that open tiles still touch and no others: plane p of the
 * padded grid lives in slot p mod `slots`, and a finished plane makes room for a new one. Memory is bounded by one
 * row of tiles whatever the length of the volume.
 */
export interface RollingSum {
  readonly plan: TilePlan;
  readonly channels: number;
  readonly slots: number;
  /** [slot, channel, y, x] */
  readonly sums: Float32Array;
  /** [slot, y, x], of one network run a tile: a mean over `votes` runs divides by `votes` times this. */
  readonly weights: Float32Array;
}

/** What `createRollingSum` allocates. */
export function rollingSumBytes({ tileShape, paddedShape }: TilePlan, channels: number): number {
  return 4 * tileShape[0] * (channels + 1) * paddedShape[1] * paddedShape[2];
}

export function createRollingSum(plan: TilePlan, channels: number): RollingSum {
  const slots = plan.tileShape[0];
  const area = plan.paddedShape[1] * plan.paddedShape[2];
  return {
    plan,
    channels,
    slots,
    sums: new Float32Array(slots * channels * area),
    weights: new Float32Array(slots * area),
  };
}

/**
 * Adds one run of the network over `tile`, weighted, to `channels` channels from `firstChannel` on. Means over
 * mirrorings and folds need no buffer of their own: each run is added here, and the mean is taken at the end.
 *
 * @param output [channel, t0, t1, t2], still reversed along the `mirrored` axes
 */
export function addOutput(
  rolling: RollingSum,
  tile: Tile,
  mirrored: readonly number[],
  output: Float32Array,
  firstChannel: number,
  channels: number,
): void {
  const { plan, sums, slots } = rolling;
  const [t0, t1, t2] = plan.tileShape;
  const [, n1, n2] = plan.paddedShape;
  const [flip0, flip1, flip2] = [0, 1, 2].map((axis) => mirrored.includes(axis));
  const { start: from, end: to } = tile.keep;
  const width = to[2] - from[2];
  const weights = plan.weights ?? new Float32Array(t2).fill(1);
  for (let i = from[0]; i < to[0]; i++) {
    const slot = (tile.start[0] + i) % slots;
    for (let c = 0; c < channels; c++) {
      const outputPlane = (c * t0 + (flip0 ? t0 - 1 - i : i)) * t1;
      const sumPlane = (slot * rolling.channels + firstChannel + c) * n1;
      for (let j = from[1]; j < to[1]; j++) {
        const row = (outputPlane + (flip1 ? t1 - 1 - j : j)) * t2;
        const first = flip2 ? row + t2 - 1 - from[2] : row + from[2];
        const sum = (sumPlane + tile.start[1] + j) * n2 + tile.start[2] + from[2];
        const weight = plan.weights ? (i * t1 + j) * t2 + from[2] : 0;
        addRow(sums, sum, output, first, flip2 ? -1 : 1, weights, weight, width);
      }
    }
  }
}

function addRow(
  sums: Float32Array,
  sum: number,
  output: Float32Array,
  first: number,
  stride: 1 | -1,
  weights: Float32Array,
  weight: number,
  width: number,
): void {
  if (stride === 1) for (let k = 0; k < width; k++) sums[sum + k] += output[first + k] * weights[weight + k];
  else for (let k = 0; k < width; k++) sums[sum + k] += output[first - k] * weights[weight + k];
}

/** Adds a tile's weights: once a tile, however many networks and mirrorings run over it. */
export function addWeights(rolling: RollingSum, tile: Tile): void {
  const { plan, weights, slots } = rolling;
  const [, t1, t2] = plan.tileShape;
  const [, n1, n2] = plan.paddedShape;
  const { start: from, end: to } = tile.keep;
  for (let i = from[0]; i < to[0]; i++) {
    const slot = (tile.start[0] + i) % slots;
    for (let j = from[1]; j < to[1]; j++) {
      const sum = (slot * n1 + tile.start[1] + j) * n2 + tile.start[2];
      const weight = (i * t1 + j) * t2;
      for (let k = from[2]; k < to[2]; k++) weights[sum + k] += plan.weights ? plan.weights[weight + k] : 1;
    }
  }
}

/** The network gave NaN or infinite values, in which every class would lose to background. */
export class NotFiniteError extends Error {
  constructor() {
    super('its output holds values that are not finite numbers');
    this.name = 'NotFiniteError';
  }
}

/**
 * Takes a finished plane out: the mean over everything added, without the padding, [channel, y, x] into `into` at
 * `offset`. Its slot is cleared for the plane `slots` further on.
 *
 * @param plane of the padded grid
 * @param votes network runs a tile that went into each channel
 * @throws NotFiniteError
 */
export function takePlane(
  rolling: RollingSum,
  plane: number,
  votes: number,
  into: Float32Array,
  offset: number,
): void {
  const { plan, channels, sums, weights } = rolling;
  const [, n1, n2] = plan.paddedShape;
  const { start, end } = plan.inside;
  const slot = plane % rolling.slots;
  const area = n1 * n2;
  const scale = new Float64Array(area);
  for (let i = 0; i < area; i++) scale[i] = 1 / (weights[slot * area + i] * votes);
  let at = offset;
  let total = 0;
  for (let c = 0; c < channels; c++) {
    const channel = (slot * channels + c) * area;
    for (let y = start[1]; y < end[1]; y++) {
      for (let x = start[2], i = y * n2 + x; x < end[2]; x++, i++) {
        const mean = sums[channel + i] * scale[i];
        total += mean;
        into[at++] = mean;
      }
    }
  }
  // Logits cannot overflow a sum in float64: where it is finite, all of them are.
  if (!Number.isFinite(total)) throw new NotFiniteError();
  clearPlane(rolling, plane);
}

/** Forgets a plane that nobody wants (padding, or finished by an earlier run of the job). */
export function clearPlane(rolling: RollingSum, plane: number): void {
  const area = rolling.plan.paddedShape[1] * rolling.plan.paddedShape[2];
  const slot = plane % rolling.slots;
  rolling.sums.fill(0, slot * rolling.channels * area, (slot + 1) * rolling.channels * area);
  rolling.weights.fill(0, slot * area, (slot + 1) * area);
}
