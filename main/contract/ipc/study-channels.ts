import { z } from 'zod';
import type { FileProblem } from '../../core/dicom/file-flaw.ts';
import type { Finding, GeometryVerdict } from '../../core/dicom/study.ts';
import type { Grid } from '../../core/volume/volume.ts';
import type { VoxelType } from '../voxel-type.ts';
import { invoke, notify } from './channel.ts';

export const volumeRef = z.object({ studyUid: z.string().max(128), volumeId: z.string().max(160) });

/** Studies of a folder, and those that were seen before. */
export const studyChannels = {
  /** One scan at a time: another one ends the one before with `cancelled`. */
  'studies.scan': invoke<FolderView>()(z.string().min(1).max(4096)),
  'studies.cancelScan': invoke<void>()(z.void()),
  'studies.scanProgress': notify<ScanProgress>(),
  'studies.recent': invoke<readonly RecentStudy[]>()(z.void()),
  /** Removes a study from the list of those seen; results stay. */
  'studies.forget': invoke<void>()(z.string().min(1).max(128)),
  'volumes.open': invoke<VolumeView>()(volumeRef),
} as const;

export interface ScanProgress {
  readonly filesSeen: number;
}

export interface FolderView {
  readonly folder: string;
  readonly studies: readonly StudyView[];
  readonly filesRead: number;
  readonly filesSkipped: number;
  readonly problems: readonly FileProblem[];
}

export interface StudyView {
  readonly studyUid: string;
  readonly patientName: string;
  readonly patientId: string;
  readonly patientBirthDate: string;
  readonly patientSex: string;
  /** DICOM DA, `YYYYMMDD`, or empty. */
  readonly studyDate: string;
  readonly description: string;
  readonly series: readonly SeriesView[];
}

/** One volume: a DICOM series holds one or several. */
export interface SeriesView {
  readonly volumeId: string;
  readonly seriesUid: string;
  readonly modality: string;
  readonly description: string;
  readonly seriesNumber: number | null;
  readonly slices: number;
  /** null where the geometry gate refused the volume for want of geometry. */
  readonly grid: Grid | null;
  readonly verdict: GeometryVerdict;
}

export interface RecentStudy {
  readonly studyUid: string;
  readonly folder: string;
  readonly patientName: string;
  readonly patientId: string;
  readonly studyDate: string;
  readonly description: string;
  readonly seenAt: string;
  /** Its folder is still there. */
  readonly isPresent: boolean;
  readonly results: number;
}

/** A volume by the study and the id that a scan gave it. */
export interface VolumeRef {
  readonly studyUid: string;
  readonly volumeId: string;
}

/** What the viewer has to know of a volume before its first voxel arrives. */
export interface VolumeView extends VolumeRef {
  readonly modality: string;
  readonly grid: Grid;
  readonly findings: readonly Finding[];
  readonly patientName: string;
  readonly patientId: string;
  readonly studyDate: string;
  readonly seriesDescription: string;
  readonly frameOfReferenceUid: string;
  /** Voxels as they travel: int16, uint16 or float32 modality values (HU for CT), little endian, z, y, x. */
  readonly voxelType: VoxelType;
  /** Where the planes are to be had; a `Range` of whole planes asks for some. */
  readonly voxelsUrl: string;
}
