/** A study as its row and those of its volumes hold it. Already JSON: a volume of 10,000 frames takes its time. */
export interface StudyRecord {
  readonly studyUid: string;
  readonly patientId: string;
  readonly patientName: string;
  readonly studyDate: string;
  readonly description: string;
  /** JSON: Study without its series. */
  readonly attributes: string;
  readonly volumes: readonly VolumeRecord[];
}

export interface VolumeRecord {
  readonly volumeId: string;
  readonly seriesUid: string;
  readonly modality: string;
  readonly description: string;
  readonly frames: number;
  readonly verdict: 'ok' | 'corrected' | 'refused';
  /** JSON: Series without its volumes. */
  readonly attributes: string;
  /** JSON: SeriesVolume. */
  readonly volume: string;
}
