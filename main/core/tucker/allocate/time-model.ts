import type { CostModel } from './cost-model.ts';
import { operationMacs, operationsOf, type Operation, type OperationKind } from './operations.ts';

/** One operation as it was timed. */
export interface TimedOperation {
  readonly operation: Operation;
  readonly milliseconds: number;
}

/** Milliseconds of an operation are the sum of these coefficients times its `features`. */
export interface TimeModel {
  readonly kinds: ReadonlyMap<OperationKind, readonly number[]>;
  /** Median and largest |fitted − timed| / timed over the operations that the model was fitted to. */
  readonly error: { readonly median: number; readonly largest: number };
}

/**
 * What onnxruntime's time for an operation consists of: arithmetic; the copies of a convolution (every voxel once for each
 * tap, im2col, or col2im for a transposed one); values read and written; and a start.
 */
function features(operation: Operation): readonly number[] {
  const { kind, channels, taps, positions } = operation;
  const copied =
    kind === 'Conv'
      ? positions.out * channels.in * taps
      : kind === 'ConvTranspose'
        ? positions.in * channels.out * taps
        : 0;
  const moved = positions.in * channels.in + positions.out * channels.out;
  return [operationMacs(operation), copied, moved, 1];
}

/**
 * Fits the coefficients of each kind of operation to measured times, none below zero, by least squares of the
 * relative errors: an operation of 1 ms counts as much as one of 1 s. At least one operation of a kind is needed for it
 * to be known. Deterministic.
 */
export function fitTimeModel(timed: readonly TimedOperation[]): TimeModel {
  const kinds = new Map<OperationKind, readonly number[]>();
  for (const kind of new Set(timed.map(({ operation }) => operation.kind)))
    kinds.set(kind, fitPositive(timed.filter(({ operation }) => operation.kind === kind).map(relativeRow)));
  const errors = timed
    .map((each) => {
      const coefficients = kinds.get(each.operation.kind) ?? [];
      return Math.abs(dot(coefficients, relativeRow(each)) - 1);
    })
    .sort((a, b) => a - b);
  return { kinds, error: { median: errors[errors.length >> 1] ?? 0, largest: errors.at(-1) ?? 0 } };
}

/** Milliseconds by the model; null for a kind that was never timed. */
export function operationMilliseconds({ kinds }: TimeModel, operation: Operation): number | null {
  const coefficients = kinds.get(operation.kind);
  return coefficients ? dot(coefficients, features(operation)) : null;
}

/** Costs in milliseconds. */
export function timeCosts(model: TimeModel): CostModel {
  return (layer, ranks) => {
    const operations = operationsOf(layer, ranks);
    if (!operations) return null;
    const times = operations.map((operation) => operationMilliseconds(model, operation));
    return times.every((time) => time !== null) ? times.reduce((sum, time) => sum + time, 0) : null;
  };
}

/** Of how many times the measured time each unit of a coefficient is. */
function relativeRow({ operation, milliseconds }: TimedOperation): readonly number[] {
  return features(operation).map((feature) => feature / milliseconds);
}

const sweeps = 5000;

/**
 * The x ≥ 0 for which rows · x is nearest to all ones, by coordinate descent on the normal equations (a convex
 * problem of four unknowns, columns scaled to the same length).
 */
function fitPositive(rows: readonly (readonly number[])[]): readonly number[] {
  const columns = rows[0].map((_, j) => rows.map((row) => row[j]));
  const lengths = columns.map((column) => Math.sqrt(dot(column, column)));
  const scaled = columns.map((column, j) => column.map((value) => (lengths[j] > 0 ? value / lengths[j] : 0)));
  const gram = scaled.map((a) => scaled.map((b) => dot(a, b)));
  const target = scaled.map((column) => column.reduce((sum, value) => sum + value, 0));
  const x = scaled.map(() => 0);
  for (let sweep = 0; sweep < sweeps; sweep++)
    for (let j = 0; j < x.length; j++)
      if (gram[j][j] > 0) x[j] = Math.max(0, x[j] + (target[j] - dot(gram[j], x)) / gram[j][j]);
  return x.map((value, j) => (lengths[j] > 0 ? value / lengths[j] : 0));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
