import type { Decision } from '../../model/segmentation-model.ts';
import type { Vec3 } from '../../volume/volume.ts';
import type { AxisMaps } from './restore-target.ts';

/** Some planes of logits on the network grid, and the output planes that follow from them. */
export interface RestoreSlab {
  /** [plane, class, d1, d2], planes `firstPlane` and following of the network grid. */
  readonly logits: Float32Array;
  readonly firstPlane: number;
  readonly classes: number;
  /** The network grid. */
  readonly shape: Vec3;
  readonly maps: AxisMaps;
  /** Cells [start, end) along axis 0; all their input planes are in `logits`. */
  readonly cells: readonly [number, number];
  /** Output planes [start, end) to write: all those of the cells, or the last of them. */
  readonly outputPlanes: readonly [number, number];
  readonly decision: Decision;
  /** [output plane, o1, o2]: the result, from outputPlanes[0] on. */
  readonly labels: Uint8Array;
}

/** The cell (k, j) of axes 0 and 1 that is being worked on: where its four rows of input and its outputs lie. */
export interface CellRow {
  /** Offsets in `logits` of class 0 of the rows (z lower, y lower), (lower, upper), (upper, lower), (upper, upper). */
  readonly rows: readonly [number, number, number, number];
  /** Offsets of the same rows in `DecidedVoxels.codes`. */
  readonly codeRows: readonly [number, number, number, number];
  /** Outputs [z0, z1) × [y0, y1). */
  readonly z0: number;
  readonly z1: number;
  readonly y0: number;
  readonly y1: number;
}

/** Decides the labels of the cells [from, to) along axis 2, whose corners disagree. */
export type DecideCells = (row: CellRow, from: number, to: number) => void;
