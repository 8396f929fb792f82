import type { Grid, Vec3 } from '../volume/volume.ts';
import type { FileProblem } from './file-flaw.ts';

/** One image of a file: a single-frame file has frame 0, a multi-frame file one entry per frame. */
export interface FrameRef {
  /** Absolute path. */
  readonly file: string;
  /** Index of the frame in its file, from 0. */
  readonly frame: number;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** Image Position (Patient): centre of the first pixel, LPS, mm. NaN where unknown; the verdict is then refused. */
  readonly positionLps: Vec3;
  /**
   * Rescale to modality values (HU for CT), PS3.3 C.11.1; a frame of an enhanced object has its own. 1 and 0 where the
   * file has none; for CT the verdict is then refused.
   */
  readonly rescaleSlope: number;
  readonly rescaleIntercept: number;
}

export type VerdictCode =
  | 'ok'
  // corrected
  | 'tilt-resheared'
  | 'spacing-resampled'
  | 'duplicates-dropped'
  // refused
  | 'gap'
  | 'uneven-spacing'
  /** Slices shifted within their plane against each other, not in proportion to their distance as by a tilt. */
  | 'uneven-shift'
  | 'single-position'
  | 'too-few-slices'
  | 'mixed-orientation'
  | 'mixed-matrix'
  | 'missing-geometry'
  | 'missing-rescale'
  | 'not-hu'
  | 'localizer'
  | 'not-an-image'
  | 'unsupported-pixels'
  /** Files that end before their pixel data does. */
  | 'truncated';

/** Findings that a volume is usable after; any other but `ok` refuses it. */
export const corrections: readonly VerdictCode[] = [
  'tilt-resheared',
  'spacing-resampled',
  'duplicates-dropped',
];

/** One finding of the geometry gate, with the numbers behind it (mm, degrees, counts), for the record. */
export interface Finding {
  readonly code: VerdictCode;
  readonly numbers: Readonly<Record<string, number>>;
}

/** What the gate decided: the worst of its findings. `refused` volumes are listed and never segmented. */
export interface GeometryVerdict {
  readonly outcome: 'ok' | 'corrected' | 'refused';
  readonly findings: readonly Finding[];
}

/** How the frames become the rectangular grid of the volume. */
export type Assembly =
  | { readonly kind: 'stack' }
  /**
   * Gantry tilt: the first pixel of slice k lies at (`shiftYMm[k]`, `shiftXMm[k]`) of the grid's plane k, along its y and
   * x axes, so resample slice k there and pad around it. No shift is negative. The grid's plane is larger than the
   * slices by the range of the shifts, so that nothing of any slice is lost.
   */
  | { readonly kind: 'reshear'; readonly shiftYMm: readonly number[]; readonly shiftXMm: readonly number[] }
  /**
   * Slightly uneven positions: slices at `positionsMm` (ascending, along the normal, from the grid's first plane) are
   * linearly resampled onto the even grid.
   */
  | { readonly kind: 'resample'; readonly positionsMm: readonly number[] };

/** One rectangular stack of images: a series holds one or several (several acquisitions, echoes, b-values, …). */
export interface SeriesVolume {
  /** Stable within a scan: SeriesInstanceUID, or SeriesInstanceUID + `#n` where the series was split. */
  readonly id: string;
  /** Why the series was split here, for people: e.g. `echo 2`, `b=800`; empty if it was not. */
  readonly part: string;
  /** Sorted by position along the normal, ascending; duplicates already dropped. */
  readonly frames: readonly FrameRef[];
  /** The grid after `assembly`; null where the verdict is refused for want of geometry. */
  readonly grid: Grid | null;
  readonly assembly: Assembly;
  /** Any of its images is, or ever was, lossily compressed (PS3.3 C.7.6.1.1.5). */
  readonly lossy: boolean;
  readonly verdict: GeometryVerdict;
}

export interface Series {
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  readonly modality: string;
  readonly description: string;
  readonly seriesNumber: number | null;
  readonly bodyPart: string;
  readonly volumes: readonly SeriesVolume[];
}

export interface Study {
  readonly studyInstanceUid: string;
  readonly patientId: string;
  /** As DICOM writes it (`Family^Given=…`), decoded; `read/person-name.ts` makes it readable. */
  readonly patientName: string;
  readonly patientBirthDate: string;
  readonly patientSex: string;
  /** DICOM DA, `YYYYMMDD`, or empty. */
  readonly studyDate: string;
  readonly studyTime: string;
  readonly studyId: string;
  readonly accessionNumber: string;
  readonly description: string;
  readonly series: readonly Series[];
}

/** What one walk over a folder found. */
export interface FolderScan {
  readonly folder: string;
  readonly studies: readonly Study[];
  readonly filesRead: number;
  /** Files that are not DICOM. */
  readonly filesSkipped: number;
  /** DICOM files that could not be used, each with its reason. */
  readonly problems: readonly FileProblem[];
}
