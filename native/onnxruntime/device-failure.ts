import { AppFailure } from '../../main/contract/app-error.ts';

/** What onnxruntime throws as AppFailure `out-of-memory` or `device-failed`. */
export async function attempt<T>(device: { readonly name: string }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new AppFailure(asAppError(device, error));
  }
}

/** onnxruntime says it in words only; these are the words of its allocators, of CUDA and of DirectML (HRESULT). */
const outOfMemory = /bad.?alloc|out of memory|failed to allocate|not enough memory|OUTOFMEMORY|8007000E/i;

function asAppError(device: { readonly name: string }, error: unknown) {
  const detail = error instanceof Error ? error.message : String(error);
  const code = outOfMemory.test(detail) ? 'out-of-memory' : 'device-failed';
  return { code, device: device.name, detail } as const;
}
