import type { Voxels } from '../core/volume/volume.ts';
import { checkWorkingMemory } from './decode/check-memory.ts';

/** The same voxels over a SharedArrayBuffer, which workers read in place; copied only if they are not already. */
export function shareVoxels<T extends Voxels>(voxels: T): T {
  if (voxels.buffer instanceof SharedArrayBuffer) return voxels;
  const type = voxels.constructor as new (buffer: SharedArrayBuffer) => T;
  const shared = new type(new SharedArrayBuffer(voxels.byteLength));
  shared.set(voxels as never);
  return shared;
}

/** For images on their way to the network. Throws AppFailure `out-of-memory`. */
export function sharedFloat32(length: number): Float32Array<SharedArrayBuffer> {
  const bytes = length * Float32Array.BYTES_PER_ELEMENT;
  checkWorkingMemory('the resampled image', bytes);
  return new Float32Array(new SharedArrayBuffer(bytes));
}
