import { createMultiply, type NativeMultiply } from '../../../native/onnxruntime/create-multiply.ts';
import { decomposeKernel as decompose } from '../../core/tucker/decompose-kernel.ts';
import type { Kernel, ModeRanks, TuckerKernel } from '../../core/tucker/kernel.ts';

export interface DecomposeKernelTask {
  readonly kernel: Kernel;
  readonly ranks: readonly ModeRanks[];
}

let native: Promise<NativeMultiply> | undefined;

/** One layer at all its ranks, with the products on onnxruntime: one thread each, since every core has a worker. */
export async function decomposeKernel({ kernel, ranks }: DecomposeKernelTask): Promise<TuckerKernel[]> {
  native ??= createMultiply(1);
  const { multiply } = await native;
  return decompose(kernel, ranks, multiply);
}
