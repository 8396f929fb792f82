import { AppFailure } from '../../contract/app-error.ts';
import { because } from '../../contract/known-cause.ts';

/** Typed arrays and tensors of this size index safely everywhere (onnxruntime counts elements in 32 bits). */
const maxVoxels = 2 ** 31 - 1;

/** Part of the free memory that input may take: the network needs the rest. */
const share = 0.8;

/** Bytes that one volume may take now. */
export function volumeBudgetBytes(): number {
  return Math.floor(process.availableMemory() * share);
}

/** Refuses a volume of so many voxels before it is allocated; `path` stands for the input in the message. */
export function checkMemory(path: string, voxels: number, bytesPerVoxel: number): void {
  if (voxels > maxVoxels) {
    throw new AppFailure({ code: 'input-refused', path, ...because({ code: 'too-many-voxels', voxels }) });
  }
  const neededBytes = voxels * bytesPerVoxel;
  if (neededBytes <= volumeBudgetBytes()) return;
  throw new AppFailure({ code: 'input-refused', path, ...because(tooLittle(neededBytes)) });
}

/**
 * Refuses what a job would need on the way before it is allocated: memory is only taken once it is written, so that an
 * allocation that cannot be kept succeeds, and the system ends the process later. `what` begins the message.
 */
export function checkWorkingMemory(what: string, neededBytes: number): void {
  if (neededBytes <= volumeBudgetBytes()) return;
  const cause = tooLittle(neededBytes);
  const free = `${gigabytes(cause.freeBytes)} of memory are free`;
  const detail = `${what} needs ${gigabytes(neededBytes)}, ${free}`;
  throw new AppFailure({ code: 'out-of-memory', device: 'cpu', detail, cause });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

function tooLittle(neededBytes: number) {
  return { code: 'too-little-memory', neededBytes, freeBytes: process.availableMemory() } as const;
}
