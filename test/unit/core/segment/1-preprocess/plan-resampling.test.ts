import { describe, expect, it } from 'vitest';
import { planResampling } from '../../../../../main/core/segment/1-preprocess/plan-resampling.ts';
import {
  resampledShape,
  TooManyVoxelsError,
} from '../../../../../main/core/segment/1-preprocess/resampled-shape.ts';
import { separateAxis } from '../../../../../main/core/segment/1-preprocess/separate-axis.ts';

describe('resampledShape', () => {
  it('rounds exact halves to the even number', () => {
    expect(resampledShape([5, 7, 9], [1, 1, 1], [2, 2, 2])).toEqual([2, 4, 4]);
    expect(resampledShape([600, 512, 512], [1, 0.8, 0.8], [3, 3, 3])).toEqual([200, 137, 137]);
  });

  it('keeps at least one voxel', () => {
    expect(resampledShape([1, 2, 1], [1, 1, 1], [10, 10, 10])).toEqual([1, 1, 1]);
  });

  it('refuses absurd sizes', () => {
    expect(() => resampledShape([600, 512, 512], [1, 1, 1], [1e-6, 1, 1])).toThrow(TooManyVoxelsError);
    expect(() => resampledShape([9, 14, 12], [1, 1, 1], [1e-6, 1, 1])).toThrow(TooManyVoxelsError);
    expect(() => resampledShape([600, 512, 512], [1, 1, 1], [0, 0, 0])).toThrow(TooManyVoxelsError);
    expect(() => resampledShape([600, 512, 512], [NaN, 1, 1], [1, 1, 1])).toThrow(TooManyVoxelsError);
  });
});

describe('separateAxis', () => {
  it('needs a ratio strictly above 3', () => {
    expect(separateAxis([3, 1, 1], [1, 1, 1], null)).toBe(null);
    expect(separateAxis([3.01, 1, 1], [1, 1, 1], null)).toBe(0);
    expect(separateAxis([1, 1, 5], [1, 1, 1], null)).toBe(2);
  });

  it('asks the target only where the current spacing is not anisotropic', () => {
    expect(separateAxis([1, 1, 1], [1, 5, 1], null)).toBe(1);
    expect(separateAxis([5, 1, 1], [1, 5, 1], null)).toBe(0);
  });

  it('separates nothing where two axes are equally coarse', () => {
    expect(separateAxis([5, 5, 1], [1, 1, 1], null)).toBe(null);
    // Decided by the current spacing, though the target alone would separate.
    expect(separateAxis([5, 5, 1], [1, 1, 9], null)).toBe(null);
  });

  it('can be forced', () => {
    expect(separateAxis([9, 1, 1], [1, 1, 1], false)).toBe(null);
    expect(separateAxis([1.1, 1, 1], [1, 1, 1], true)).toBe(0);
    expect(separateAxis([1, 1, 1], [1, 1, 1], true)).toBe(null);
  });
});

describe('planResampling', () => {
  const resampling = {
    kind: 'nnunet',
    dataOrder: 3,
    dataOrderZ: 0,
    logitsOrder: 1,
    logitsOrderZ: 0,
    forceSeparateZ: null,
  } as const;

  it('asks data and logits each for their own axis', () => {
    const plan = planResampling([10, 50, 50], [5, 1, 1], { resampling, spacingMm: [1, 8, 1] });
    expect(plan.shape).toEqual([50, 6, 50]);
    expect(plan.separate).toBe(0);
    expect(plan.logitsSeparate).toBe(1);
    // The third axis keeps its size: nothing to interpolate.
    expect(plan.plans.map(({ order }) => order)).toEqual([0, 3, 0]);
  });

  it('has nothing left to do after a zoom', () => {
    const zoom = { kind: 'totalsegmentator', dataOrder: 3 } as const;
    const plan = planResampling([10, 50, 50], [1, 1, 1], { resampling: zoom, spacingMm: [3, 3, 3] });
    expect(plan.shape).toEqual([10, 50, 50]);
    expect(plan.plans.map(({ order }) => order)).toEqual([0, 0, 0]);
  });
});
