import { describe, expect, test } from 'vitest';
import { decideTexture, type GpuFacts } from '../../../../renderer/viewer/decide-texture.ts';

const card: GpuFacts = {
  hasWebGl2: true,
  max3dTextureSize: 2048,
  hasNorm16: true,
  hasFloatLinear: true,
  isSoftware: false,
  renderer: 'a card',
};
const planOf = (...args: Parameters<typeof decideTexture>) => {
  const decision = decideTexture(...args);
  if (!decision.ok) throw new Error(decision.reason);
  return decision.plan;
};

describe('how a volume goes to the card', () => {
  test('as it is, where the card can', () => {
    expect(planOf([133, 512, 512], 'int16', card)).toEqual({
      voxelType: 'int16',
      stepZyx: [1, 1, 1],
      interpolation: 'linear',
      reductions: [],
    });
    expect(planOf([133, 512, 512], 'float32', card).voxelType).toBe('float32');
  });

  test('as float32 without 16-bit textures: nothing is lost, so nothing is said', () => {
    expect(planOf([133, 512, 512], 'int16', { ...card, hasNorm16: false })).toMatchObject({
      voxelType: 'float32',
      interpolation: 'linear',
      reductions: [],
    });
  });

  test('blocky where floats cannot be interpolated either', () => {
    const plan = planOf([9, 9, 9], 'uint16', { ...card, hasNorm16: false, hasFloatLinear: false });
    expect(plan).toMatchObject({ interpolation: 'nearest', reductions: [{ kind: 'no-interpolation' }] });
  });

  test('with voxels left out along an axis that is too long', () => {
    const plan = planOf([3000, 512, 512], 'int16', card, Infinity);
    expect(plan.stepZyx).toEqual([2, 1, 1]);
    expect(plan.reductions).toEqual([{ kind: 'texture-size', limit: 2048 }]);
    expect(planOf([2048, 512, 512], 'int16', card, Infinity).stepZyx).toEqual([1, 1, 1]);
  });

  test('with voxels left out until it fits the memory, the longest axis first', () => {
    const budget = 100 << 20;
    const plan = planOf([100, 1024, 1024], 'int16', card, budget);
    expect(plan.stepZyx).toEqual([1, 2, 1]);
    expect(plan.reductions).toEqual([{ kind: 'memory', limitBytes: budget }]);
  });

  test('not at all without WebGL 2', () => {
    expect(decideTexture([9, 9, 9], 'int16', { ...card, hasWebGl2: false })).toEqual({
      ok: false,
      reason: 'no-webgl2',
    });
  });
});
