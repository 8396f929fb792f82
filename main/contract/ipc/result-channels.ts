import { z } from 'zod';
import type { GeometryVerdict } from '../../core/dicom/study.ts';
import type { LabelMeasurement } from '../../core/segment/6-measure/measurement.ts';
import type { Grid, Vec3 } from '../../core/volume/volume.ts';
import type { Review } from '../review.ts';
import { invoke } from './channel.ts';
import { volumeRef, type VolumeRef } from './study-channels.ts';

const resultId = z.string().min(1).max(64);

/** Stored results: labels and measurements of a volume. */
export const resultChannels = {
  /** Of one volume, or of all where none is named; the newest first. */
  'results.list': invoke<readonly ResultSummary[]>()(volumeRef.nullable()),
  'results.get': invoke<ResultView>()(resultId),
} as const;

export interface ResultSummary {
  readonly id: string;
  readonly jobId: string;
  /** The result that a person edited this one from; null: as the network made it. */
  readonly parentId: string | null;
  /** null where the input was no DICOM volume. */
  readonly volume: VolumeRef | null;
  readonly inputPath: string;
  /** Both empty where the study was forgotten since. */
  readonly patientName: string;
  readonly seriesDescription: string;
  readonly modelName: string;
  readonly variant: string;
  readonly device: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly review: Review;
}

export interface ResultView extends ResultSummary {
  readonly grid: Grid;
  readonly geometry: GeometryVerdict;
  readonly appVersion: string;
  readonly labels: readonly ResultLabel[];
  /** What the intensities of the labels are in: HU for CT, empty where nobody knows. */
  readonly intensityUnit: string;
  /** Where the labels are to be had, and edited ones stored by `PUT`: gzip of uint8, z, y, x order on `grid`. */
  readonly labelsUrl: string;
}

/** In the order of the model; one that has no voxel is listed too. */
export interface ResultLabel extends LabelMeasurement {
  /** sRGB, 0…255. */
  readonly color: Vec3;
}
