export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

export interface ChartFrame {
  /** Of the lines, px. */
  readonly width: number;
  readonly height: number;
}

export interface ChartScale {
  /** Values at the left and right, bottom and top. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** Round values of y to draw a line at, in between or on the edge. */
  readonly ticks: readonly number[];
  /** Decimals that tell the ticks apart. */
  readonly digits: number;
}

/** A scale that shows all points, and x up to `toX`, with two to five round values. Points without a number are left out. */
export function chartScale(points: readonly ChartPoint[], toX = 1): ChartScale {
  const known = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const ys = known.map(({ y }) => y);
  const low = ys.length > 0 ? Math.min(...ys) : 0;
  const high = ys.length > 0 ? Math.max(...ys) : 1;
  const room = high > low ? high - low : Math.abs(high) || 1;
  const step = roundStep(room / 3);
  const from = Math.floor(low / step);
  const to = Math.max(from + 1, Math.ceil(high / step));
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => (from + i) * step);
  return {
    x: [0, Math.max(1, toX, ...known.map(({ x }) => x))],
    y: [from * step, to * step],
    ticks,
    digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)),
  };
}

/** 1, 2 or 5 times a power of ten, at least as large. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
}

/** Where a point lies, px from the left and the top. */
export function placePoint(
  { x, y }: ChartPoint,
  scale: ChartScale,
  { width, height }: ChartFrame,
): ChartPoint {
  const part = (value: number, [from, to]: readonly [number, number]): number => (value - from) / (to - from);
  return { x: part(x, scale.x) * width, y: (1 - part(y, scale.y)) * height };
}

/** SVG path through the points. */
export function linePath(points: readonly ChartPoint[], scale: ChartScale, frame: ChartFrame): string {
  return points
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
    .map((point, index) => {
      const { x, y } = placePoint(point, scale, frame);
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
