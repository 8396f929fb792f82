/** What somebody drew: a NIfTI file or a DICOM SEG on the grid of the image's first channel. */
export interface LabelFile {
  readonly path: string;
  /** Of the image; empty where it has none. */
  readonly frameOfReferenceUid: string;
}
