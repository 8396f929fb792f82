import { sha256Hex } from './blob-store.ts';

/**
 * An image's identity as it may leave this machine: its hash, which tells nothing about the patient and still says
 * that two evaluations are of the same image. What came with a pack is that already.
 */
export function opaqueImage(image: string): string {
  return /^sha256:[0-9a-f]{64}$/.test(image) ? image : `sha256:${sha256Hex(image)}`;
}
