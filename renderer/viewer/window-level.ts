/** A linear window of modality values (DICOM PS3.3, C.11.2.1.2). */
export interface WindowLevel {
  readonly center: number;
  readonly width: number;
}

/** The values that are black and white. A window is at least a sliver wide. */
export function rangeOf({ center, width }: WindowLevel): { readonly lower: number; readonly upper: number } {
  const half = Math.max(width, Number.EPSILON) / 2;
  return { lower: center - half, upper: center + half };
}

export function windowOf(lower: number, upper: number): WindowLevel {
  return { center: (lower + upper) / 2, width: Math.max(upper - lower, 0) };
}

/** A window dragged by canvas pixels, as fast as it is wide: across for its width, down for a higher level (darker). */
export function dragWindow({ center, width }: WindowLevel, dx: number, dy: number): WindowLevel {
  const step = width / 250;
  return { center: center + dy * step, width: Math.max(width + dx * step, width / 10) };
}
