import { describe, expect, it } from 'vitest';
import { toFloat16 } from '../../../../../main/core/onnx/precision/to-float16.ts';
import { foldGraph, mergeLinear } from '../../../../../main/core/tucker/fold/fold-graph.ts';
import { gap, operators, share, smallUnet, tuckerForm } from '../../tucker/fold/small-unet.ts';

describe('a folded network in float16', () => {
  const shape = [1, 2, 32, 32, 32];
  const inputShapes = { image: shape };
  const unet = smallUnet({
    channels: 2,
    classes: 3,
    features: [12, 16, 20],
    kernels: Array(3).fill([3, 3, 3]),
    strides: [
      [1, 1, 1],
      [2, 2, 2],
      [2, 2, 2],
    ],
    seed: 3,
  });

  // The CPU computes in float32 from rounded weights: 2^-11 of each, through some ten layers.
  const tolerance = 5e-3;

  it('computes statistics, and what is made of them, in float32', async () => {
    const folded = foldGraph(await tuckerForm(unet, inputShapes, share(0.4)), inputShapes);
    expect(operators(folded)).toEqual(expect.arrayContaining(['ReduceMean', 'Sqrt', 'MatMul']));
    const half = toFloat16(folded);
    const statistics = new Set(['ReduceMean', 'Mul', 'Sub', 'Sqrt', 'Div', 'MatMul', 'Gemm']);
    for (const { opType = '', outputs } of half.graph.nodes)
      if (statistics.has(opType)) expect(outputs[0]).not.toMatch(/float16$/);
    expect(await gap(folded, half, shape)).toBeLessThan(tolerance);
  });

  it('follows merging, which is for any device', async () => {
    const merged = mergeLinear(await tuckerForm(unet, inputShapes, share(0.4)), inputShapes);
    const half = toFloat16(merged);
    expect(await gap(merged, half, shape)).toBeLessThan(tolerance);
    // Nothing that folding looks for: it leaves float16 alone.
    expect(await gap(half, foldGraph(half, inputShapes), shape)).toBeLessThan(1e-6);
  });
});
