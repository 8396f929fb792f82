import type { LearningCurve } from '../core/learn/train/learning-curve.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import type { Study, Series, SeriesVolume } from '../core/dicom/study.ts';
import type { Grid, Vec3 } from '../core/volume/volume.ts';
import type { LabelMeasurement } from '../core/segment/6-measure/measurement.ts';
import type { AppError } from './app-error.ts';
import type { CompareLabelmaps, ReadLabelmap } from './compare-request.ts';
import type { CompressedVariant, CompressRequest } from './compress-request.ts';
import type { CheckDevice, InspectMachine, TimeNetwork } from './device-requests.ts';
import type { MeasureEdit } from './edit-request.ts';
import type { TrainNetwork } from './train-request.ts';
import type { TuneCheckpoint, TuneNetworks } from './tune-request.ts';
import type { Review } from './review.ts';
import type { ProbeVolume, ReadPlanes } from './view-requests.ts';

/**
 * The engine's message contract: the same over `child_process.fork` (command line) and `utilityProcess`
 * (desktop). Messages are structured clones; a labelmap travels gzip-compressed, z, y, x order.
 */

/** Where the voxels of one input channel come from. */
export type VolumeSource =
  | { readonly kind: 'dicom'; readonly modality: string; readonly volume: SeriesVolume }
  | { readonly kind: 'nifti'; readonly path: string };

/** What runs the network. `name` is what people see. */
export interface Device {
  readonly provider: 'cpu' | 'cuda' | 'dml';
  readonly deviceId: number;
  readonly name: string;
}

/**
 * Finished planes [start, end) of the labelmap along the network's first axis, in network axes of the
 * cropped input grid. A job resumes after the last one.
 */
export interface Slab {
  readonly start: number;
  readonly end: number;
  /** gzip of the uint8 labels of these planes. */
  readonly labelsGz: Uint8Array;
}

/**
 * An ONNX file, or where the engine reads it: hundreds of megabytes would keep whoever sends them waiting. `database` is
 * the path of the SQLite file that holds it among its blobs.
 */
export type NetworkSource =
  Uint8Array | { readonly database: string; readonly sha256: string; readonly model: string };

export interface SegmentRequest {
  readonly jobId: string;
  /** In the model's channel order; the first one gives the result's grid. */
  readonly channels: readonly VolumeSource[];
  readonly model: SegmentationModel;
  /** ONNX files, one per fold. */
  readonly networks: readonly NetworkSource[];
  readonly device: Device;
  /** Intra-op threads; 0 leaves it to onnxruntime. */
  readonly threads: number;
  /** What an earlier run of the same job had finished, in order from 0. */
  readonly finishedSlabs: readonly Slab[];
}

export const stages = [
  'load',
  'preprocess',
  'predict',
  'restore',
  'measure',
  'export',
  'compress',
  'learn',
  'compare',
] as const;
export type Stage = (typeof stages)[number];

export interface Progress {
  readonly stage: Stage;
  readonly done: number;
  readonly total: number;
  /** Estimated for the whole job from the tiles done so far; null while unknown. */
  readonly secondsLeft: number | null;
  /** Of the stage `learn` where a variant is tuned. */
  readonly learning?: Learning | undefined;
}

export interface Learning {
  /** The network that learns, from 0: one a fold. */
  readonly fold: number;
  readonly folds: number;
  /** Done and at most; the time may end before. */
  readonly steps: number;
  readonly mostSteps: number;
  /** Of the last step; null before the first one. */
  readonly loss: number | null;
  /** Mean Dice with the full network on patches of images held out, as last judged. */
  readonly agreement: number;
  readonly curve: LearningCurve;
}

export interface SegmentOutcome {
  readonly grid: Grid;
  /** gzip of the uint8 labelmap, z, y, x order on `grid`. */
  readonly labelsGz: Uint8Array;
  /** Of the labelmap itself, hexadecimal. */
  readonly labelsSha256: string;
  readonly measurements: readonly LabelMeasurement[];
  readonly stageSeconds: Readonly<Partial<Record<Stage, number>>>;
  /** Part of `predict` that was spent inside onnxruntime. */
  readonly networkSeconds: number;
  /** What one run of a network on one tile took; null where none was left to run. */
  readonly run: NetworkRun | null;
  /** Largest resident size of the engine process, bytes. */
  readonly peakMemoryBytes: number;
}

export interface NetworkRun {
  readonly tileShape: Vec3;
  /** The mean over the runs, without the first where there were more. */
  readonly seconds: number;
}

export const exportFormats = [
  'seg',
  'seg-labelmap',
  'rtstruct',
  'nifti',
  'stl',
  'csv',
  'json',
  'png',
  'pdf',
] as const;
/** Those that refer to the DICOM images that a result was made from. */
export const dicomFormats: readonly ExportFormat[] = ['seg', 'seg-labelmap', 'rtstruct'];
export type ExportFormat = (typeof exportFormats)[number];

/** Writes a stored result to files; each file appears whole or not at all. */
export interface ExportRequest {
  readonly jobId: string;
  readonly labelsGz: Uint8Array;
  /** Of the labels themselves: an engine that has just made them takes its own. */
  readonly labelsSha256: string;
  readonly grid: Grid;
  readonly measurements: readonly LabelMeasurement[];
  readonly model: SegmentationModel;
  /** For the record in every export. */
  readonly provenance: Provenance;
  readonly source:
    | {
        readonly kind: 'dicom';
        readonly study: Study;
        readonly series: Series;
        readonly volume: SeriesVolume;
      }
    | { readonly kind: 'nifti'; readonly path: string };
  /** What a reader thinks of it. */
  readonly review?: Review | undefined;
  readonly formats: readonly ExportFormat[];
  readonly outDir: string;
  /** File name stem, already safe for every file system. */
  readonly stem: string;
}

export interface Provenance {
  readonly appVersion: string;
  readonly modelName: string;
  readonly modelSha256: string;
  readonly variant: string;
  /** Mean Dice of the variant against the full model, 1 for that itself; null or left out where it is not known. */
  readonly variantOverlap?: number | null | undefined;
  readonly device: string;
  readonly geometry: string;
  /** The result that a person edited this one from; null or left out: as the network made it. */
  readonly editedFrom?: string | null | undefined;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface ExportedFile {
  readonly format: ExportFormat;
  readonly path: string;
}

/** What the engine can be asked, and what it answers. */
export interface EngineRequests {
  readonly segment: { readonly request: SegmentRequest; readonly answer: SegmentOutcome };
  readonly export: { readonly request: ExportRequest; readonly answer: readonly ExportedFile[] };
  readonly compress: { readonly request: CompressRequest; readonly answer: readonly CompressedVariant[] };
  readonly tune: TuneNetworks;
  readonly train: TrainNetwork;
  readonly 'inspect-machine': InspectMachine;
  readonly 'check-device': CheckDevice;
  readonly 'time-network': TimeNetwork;
  readonly 'read-labelmap': ReadLabelmap;
  readonly compare: CompareLabelmaps;
  readonly 'probe-volume': ProbeVolume;
  readonly 'read-planes': ReadPlanes;
  readonly 'measure-edit': MeasureEdit;
}

export type RequestKind = keyof EngineRequests;
export type RequestOf<K extends RequestKind> = EngineRequests[K]['request'];
export type AnswerOf<K extends RequestKind> = EngineRequests[K]['answer'];

type EachRequest = {
  [K in RequestKind]: { readonly type: 'request'; readonly kind: K; readonly request: RequestOf<K> };
}[RequestKind];
type EachAnswer = {
  [K in RequestKind]: {
    readonly type: 'answer';
    readonly kind: K;
    readonly jobId: string;
    readonly answer: AnswerOf<K>;
  };
}[RequestKind];

export type ToEngine =
  EachRequest | { readonly type: 'cancel'; readonly jobId: string } | { readonly type: 'shutdown' };

export type FromEngine =
  | EachAnswer
  | { readonly type: 'ready'; readonly providers: readonly string[] }
  | { readonly type: 'progress'; readonly jobId: string; readonly progress: Progress }
  | { readonly type: 'slab'; readonly jobId: string; readonly slab: Slab }
  | { readonly type: 'checkpoint'; readonly jobId: string; readonly checkpoint: TuneCheckpoint }
  | { readonly type: 'failed'; readonly jobId: string; readonly error: AppError };
