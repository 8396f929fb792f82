import { corrections } from '../study.ts';
import type { Finding, GeometryVerdict } from '../study.ts';

/**
 * A verdict of the geometry gate in plain English, with its numbers:
 * `refused: gaps of up to 10 mm between slices that lie 5 mm apart; 1 slice is missing`.
 */
export function describeVerdict({ outcome, findings }: GeometryVerdict): string {
  // What would have been corrected does not matter where the volume is refused for something else.
  const decisive =
    outcome === 'refused' ? findings.filter(({ code }) => !corrections.includes(code)) : findings;
  return decisive.length === 0 ? outcome : `${outcome}: ${decisive.map(describeFinding).join('. ')}`;
}

function describeFinding({ code, numbers }: Finding): string {
  const n = (name: string): string => String(Number((numbers[name] ?? NaN).toFixed(2)));
  const some = (name: string, noun: string): string => countOf(numbers[name] ?? NaN, noun);
  switch (code) {
    case 'ok':
      return `${some('slices', 'slice')}, ${n('spacingMm')} mm apart`;
    case 'tilt-resheared':
      return `slices shifted against each other by a gantry tilt of ${n('degrees')}°, by up to ${n('shiftMm')} mm; shifted back`;
    case 'spacing-resampled':
      return `slices ${n('shortestMm')} to ${n('longestMm')} mm apart; resampled evenly`;
    case 'duplicates-dropped':
      return `${some('duplicates', 'duplicate slice')} dropped`;
    case 'gap':
      return `gaps of up to ${n('longestMm')} mm between slices that lie ${n('spacingMm')} mm apart; ${areMissing(numbers['missing'] ?? NaN)}`;
    case 'uneven-spacing':
      return `slices unevenly spaced, ${n('shortestMm')} to ${n('longestMm')} mm apart`;
    case 'uneven-shift':
      return `slices shifted against each other within their planes by up to ${n('shiftMm')} mm, and not as a tilt would`;
    case 'single-position':
      return `all ${some('slices', 'slice')} at one position; not a volume`;
    case 'too-few-slices':
      return `${some('slices', 'slice')}; at least ${n('needed')} are needed, since with fewer nothing shows whether one is missing`;
    case 'mixed-orientation':
      return `${some('images', 'image')} turned against the first by up to ${n('degrees')}°; not parallel slices`;
    case 'mixed-matrix':
      return `${some('images', 'image')} of another size than the first`;
    case 'missing-geometry':
      return `no usable position, orientation or pixel spacing in ${some('images', 'image')}`;
    case 'missing-rescale':
      return `no usable rescale slope and intercept in ${some('images', 'image')}; stored values cannot be turned into intensities`;
    case 'not-hu':
      return `values of ${some('images', 'image')} are not Hounsfield units`;
    case 'localizer':
      return `localizer (scout) images, not slices of a volume`;
    case 'not-an-image':
      return `not a scan but ${some('objects', 'other object')}`;
    case 'unsupported-pixels':
      return `${some('images', 'image')} without grey values of 8, 16 or 32 bits, or compressed in a way that cannot be read`;
    case 'truncated':
      return `${some('images', 'image')} cut short: the file ends before the pixels do`;
  }
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function areMissing(count: number): string {
  return count === 1 ? '1 slice is missing' : `${count} slices are missing`;
}
