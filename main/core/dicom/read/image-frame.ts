import type { Vec3 } from '../../volume/volume.ts';
import type { FileFlaw } from '../file-flaw.ts';
import type { Study, Series } from '../study.ts';

/** What one file says, as far as grouping and the geometry gate need it; holds none of the file's bytes. */
export interface Instance {
  /** Absolute path. */
  readonly file: string;
  readonly study: Omit<Study, 'series'>;
  readonly series: Omit<Series, 'volumes'>;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  /** Is, or ever was, lossily compressed. */
  readonly lossy: boolean;
  readonly instanceNumber: number | null;
  readonly pixels: PixelDescription | null;
  /** Why the header was cut short; null if it is whole. */
  readonly cutShort: FileFlaw | null;
  /** Never empty. */
  readonly frames: readonly ImageFrame[];
}

export interface PixelDescription {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly photometric: string;
  readonly bitsAllocated: number;
  /** Float or Double Float Pixel Data (7FE0,0008 and 0009). */
  readonly isFloat: boolean;
  /** Bytes that the header promises and the file does not hold; 0 where that cannot be told (encapsulated). */
  readonly bytesMissing: number;
}

/** One image: a single-frame file, or one frame of a multi-frame file. */
export interface ImageFrame {
  readonly instance: Instance;
  /** Index in its file, from 0. */
  readonly frame: number;
  /** Null where the file does not say where the image lies, or says it in numbers that are no plane. */
  readonly plane: ImagePlane | null;
  readonly rescale: Rescale;
  readonly traits: ImageTraits;
}

/** Plane of an image (PS3.3 C.7.6.2). */
export interface ImagePlane {
  /** Centre of the first pixel, LPS, mm. */
  readonly positionLps: Vec3;
  /** Unit vector along which the column index grows. */
  readonly xDirection: Vec3;
  /** Unit vector along which the row index grows, perpendicular to `xDirection`. */
  readonly yDirection: Vec3;
  /** [between rows, between columns], mm. */
  readonly spacingYxMm: readonly [number, number];
}

/** Modality LUT as a line (PS3.3 C.11.1), as written: null where absent, NaN where it is not a number. */
export interface Rescale {
  readonly slope: number | null;
  readonly intercept: number | null;
  /** Upper case; empty if absent. */
  readonly type: string;
}

/**
 * What else tells images of one series apart; each is a text to compare, empty where the file does not say. Shared by
 * all slices of one volume, or different for each: `split-series.ts` finds out which.
 */
export interface ImageTraits {
  readonly imageType: string;
  readonly echo: string;
  readonly bValue: string;
  readonly gradient: string;
  readonly stack: string;
  readonly acquisition: string;
  readonly temporalPosition: string;
  readonly cardiacPhase: string;
  /** Dimension indices (PS3.3 C.7.6.17) other than those of place. */
  readonly dimensions: string;
  /** Kernel, voltage, thickness, inversion time, flip angle: how the image was made. */
  readonly technique: string;
  readonly acquisitionTime: string;
}
