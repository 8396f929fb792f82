/** Why a file is not used, or not as a whole, with the numbers behind it. */
export type FileFlaw =
  | { readonly code: 'header-damaged'; readonly atByte: number }
  /** `atByte`: where the element begins that is not whole; null where the file is deflated or ends in its meta information. */
  | { readonly code: 'header-cut-short'; readonly atByte: number | null }
  /** It ends before its pixel data. */
  | { readonly code: 'pixels-missing' }
  | { readonly code: 'pixels-cut-short'; readonly missingBytes: number }
  /** Neither an image nor a series that it belongs to. */
  | { readonly code: 'no-image' }
  /** `cause`: the operating system's code (EACCES), or its words. */
  | { readonly code: 'unreadable'; readonly cause: string };

export interface FileProblem {
  readonly file: string;
  readonly flaw: FileFlaw;
}
