import type { Shape } from '../../onnx/infer-shapes.ts';

/** What a Conv or ConvTranspose slides over its input. */
export interface Window {
  readonly kernel: Shape;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Before, then after, one entry an axis each. */
  readonly pads: readonly number[];
  readonly group: number;
}

/** Attributes of a Conv or ConvTranspose over the same window. */
export function attributesOf({ kernel, strides, dilations, pads, group }: Window) {
  return { kernel_shape: kernel, strides, dilations, pads, group };
}
