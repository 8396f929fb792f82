import type { PlaneShape } from './draw-thumbnail.ts';

/** What the thread that draws thumbnails is asked. */
export type ToThumbnails =
  | {
      readonly type: 'draw';
      readonly id: number;
      /** One plane of float32 voxels. */
      readonly url: string;
      readonly startByte: number;
      readonly shape: PlaneShape;
      readonly modality: string;
    }
  | { readonly type: 'cancel'; readonly id: number };

/** A PNG; null where the plane cannot be read, or nobody waits for it any more. */
export interface FromThumbnails {
  readonly id: number;
  readonly png: Blob | null;
}
