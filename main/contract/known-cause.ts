/** Causes of a failure that a window says in its own language, with what they name and their numbers. */
export type KnownCause =
  | {
      readonly code:
        | 'work-busy'
        | 'tuning-busy'
        | 'export-busy'
        | 'nothing-read'
        | 'other-grids'
        | 'no-common-label'
        | 'all-held-out'
        | 'one-image'
        | 'channel-open'
        | 'edit-of-another-size';
    }
  /** What somebody wrote as a budget of variants. */
  | { readonly code: 'no-budget'; readonly text: string }
  /** `found` is empty where the series does not say. */
  | { readonly code: 'wrong-modality'; readonly reads: string; readonly found: string }
  | { readonly code: 'channels-apart'; readonly other: string }
  | { readonly code: 'edit-of-a-foreign-value'; readonly value: number }
  | { readonly code: 'too-many-voxels'; readonly voxels: number }
  | { readonly code: 'too-little-memory'; readonly neededBytes: number; readonly freeBytes: number };

/** A cause in plain English, as the `detail` of an AppError that carries it too. */
export function describeKnownCause(cause: KnownCause): string {
  switch (cause.code) {
    case 'work-busy':
      return 'Another piece of work with models is not finished yet.';
    case 'tuning-busy':
      return 'Another variant is being tuned; finish or discard that first.';
    case 'export-busy':
      return 'Another export is not finished yet.';
    case 'nothing-read':
      return 'No model was read.';
    case 'other-grids':
      return 'The two results lie on different grids.';
    case 'no-common-label':
      return 'The two results have no label in common.';
    case 'all-held-out':
      return 'No image is left to learn on: each of them is held out.';
    case 'one-image':
      return 'Tuning takes two images at least: one to learn on and one to judge by.';
    case 'channel-open':
      return 'the model reads a series there; choose which';
    case 'edit-of-another-size':
      return 'The edited labels cannot be stored: the images have another size by now.';
    case 'no-budget':
      return `"${cause.text}" is no budget that can be met.`;
    case 'wrong-modality':
      return `the model reads ${cause.reads}, and this is ${cause.found || 'unknown'}`;
    case 'channels-apart':
      return `it shares no part of the body with channel ${cause.other}, as both files place themselves`;
    case 'edit-of-a-foreign-value':
      return `The edited labels cannot be stored: a voxel has the value ${cause.value}, which the model does not have.`;
    case 'too-many-voxels':
      return `a volume of ${cause.voxels} voxels is too large`;
    case 'too-little-memory':
      return `its voxels need ${gigabytes(cause.neededBytes)}, ${gigabytes(cause.freeBytes)} of memory are free`;
  }
}

/** Both ways in which an AppError tells its cause. */
export function because(cause: KnownCause): { readonly detail: string; readonly cause: KnownCause } {
  return { detail: describeKnownCause(cause), cause };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
