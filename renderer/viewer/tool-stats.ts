import type { MeasuredValues } from './measure-text.ts';

/** What Cornerstone's measuring tools leave on an annotation; null or text while it is incomplete. */
export interface ToolStats {
  readonly length?: unknown;
  readonly angle?: unknown;
  readonly area?: unknown;
  readonly mean?: unknown;
  readonly stdDev?: unknown;
}

/** Values by name and unit; undefined where a tool has none (yet). */
export function measuredValues({ length, angle, area, mean, stdDev }: ToolStats): MeasuredValues {
  return {
    lengthMm: number(length),
    angleDegrees: number(angle),
    areaMm2: number(area),
    mean: number(mean),
    standardDeviation: number(stdDev),
  };
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
