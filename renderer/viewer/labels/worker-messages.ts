import type { AppError } from '../../../main/contract/app-error.ts';
import type { Grid, Vec3 } from '../../../main/core/volume/volume.ts';

/** What the worker that holds a labelmap is asked; each is answered under its number. Arrays change hands, they are not shared. */
export type ToLabelWorker = { readonly id: number } & (
  | { readonly kind: 'load'; readonly url: string; readonly grid: Grid }
  | { readonly kind: 'change'; readonly indices: Uint32Array; readonly values: Uint8Array }
  | { readonly kind: 'surface'; readonly value: number; readonly triangles: number }
  | { readonly kind: 'smaller-parts'; readonly value: number }
  | { readonly kind: 'part'; readonly value: number; readonly voxelZyx: Vec3 }
  | { readonly kind: 'save'; readonly url: string }
);

export interface LabelAnswers {
  /** Labels, z, y, x: a copy. */
  readonly load: { readonly labels: Uint8Array<ArrayBuffer> };
  readonly change: null;
  /** LPS, mm; null where the label has no voxel. */
  readonly surface: SurfaceMesh | null;
  /** Voxels of a label that are not in its largest connected part. */
  readonly 'smaller-parts': { readonly indices: Uint32Array<ArrayBuffer>; readonly parts: number };
  /** Voxels of the connected part of a label that holds a voxel. */
  readonly part: { readonly indices: Uint32Array<ArrayBuffer> };
  /** Id of the new version. */
  readonly save: { readonly id: string };
}

export interface SurfaceMesh {
  readonly positions: Float32Array<ArrayBuffer>;
  readonly normals: Float32Array<ArrayBuffer>;
  readonly triangles: Uint32Array<ArrayBuffer>;
}

export type FromLabelWorker =
  | { readonly id: number; readonly ok: true; readonly answer: LabelAnswers[keyof LabelAnswers] }
  /** Expected failures have an AppError, others words. */
  | { readonly id: number; readonly ok: false; readonly error: AppError | string };
