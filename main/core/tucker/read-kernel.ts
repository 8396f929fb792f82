import { tensorFloats, type ReadExternal } from '../onnx/tensor-data.ts';
import type { Kernel } from './kernel.ts';
import type { Layer } from './layer.ts';

/** The kernel, as a copy that can be sent to another thread; or what is wrong with it. Throws OnnxFormatError. */
export function readKernel({ weight, shape }: Layer, readExternal?: ReadExternal): Kernel | string {
  if (weight.dataLocation === 1 && !readExternal) return 'its weights lie in another file';
  const data = tensorFloats(weight, readExternal);
  return data.every(Number.isFinite)
    ? { shape, data: Float32Array.from(data) }
    : 'its weights are not finite';
}
