import type { VoxelType } from '../../main/contract/voxel-type.ts';
import type { Vec3 } from '../../main/core/volume/volume.ts';

/** What the graphics card, as the browser shows it, can do for volumes. */
export interface GpuFacts {
  /** WebGL2 works at all. */
  readonly hasWebGl2: boolean;
  readonly max3dTextureSize: number;
  /** EXT_texture_norm16: 16-bit voxels as they are. */
  readonly hasNorm16: boolean;
  /** OES_texture_float_linear: smooth interpolation between float voxels. */
  readonly hasFloatLinear: boolean;
  /** No graphics card but a rasteriser on the CPU. */
  readonly isSoftware: boolean;
  readonly renderer: string;
}

/** How a volume goes to the graphics card. */
export interface TexturePlan {
  /** float32 where 16-bit voxels cannot be shown as they are. */
  readonly voxelType: VoxelType;
  /** Every how many voxels one is kept, along z, y, x; 1 keeps all. */
  readonly stepZyx: Vec3;
  readonly interpolation: 'linear' | 'nearest';
  /** Why it is less than the study holds; empty where it is not. */
  readonly reductions: readonly Reduction[];
}

export type Reduction =
  /** An axis is longer than the card's textures. */
  | { readonly kind: 'texture-size'; readonly limit: number }
  | { readonly kind: 'memory'; readonly limitBytes: number }
  /** Blocky rather than smooth. */
  | { readonly kind: 'no-interpolation' };

export type TextureDecision =
  { readonly ok: true; readonly plan: TexturePlan } | { readonly ok: false; readonly reason: 'no-webgl2' };

/** A browser says nothing of the card's memory; hospital workstations have 2 GiB and more, and the labels need some too. */
export const textureBudgetBytes = 1.25 * 2 ** 30;

/** Decides by the facts alone, so that a card that shows black without an error is never tried. */
export function decideTexture(
  shapeZyx: Vec3,
  wanted: VoxelType,
  gpu: GpuFacts,
  budgetBytes = textureBudgetBytes,
): TextureDecision {
  if (!gpu.hasWebGl2 || gpu.max3dTextureSize < 1) return { ok: false, reason: 'no-webgl2' };
  const voxelType = wanted !== 'float32' && gpu.hasNorm16 ? wanted : 'float32';
  const interpolation = voxelType === 'float32' && !gpu.hasFloatLinear ? 'nearest' : 'linear';
  const reductions: Reduction[] = [];
  const step = shapeZyx.map((length) => Math.ceil(length / gpu.max3dTextureSize)) as [number, number, number];
  if (step.some((each) => each > 1)) reductions.push({ kind: 'texture-size', limit: gpu.max3dTextureSize });
  const bytesPerVoxel = voxelType === 'float32' ? 4 : 2;
  const bytes = () =>
    step.reduce((product, each, axis) => product * Math.ceil(shapeZyx[axis]! / each), bytesPerVoxel);
  if (bytes() > budgetBytes) {
    reductions.push({ kind: 'memory', limitBytes: budgetBytes });
    while (bytes() > budgetBytes) step[longestAxis(shapeZyx, step)]++;
  }
  if (interpolation === 'nearest') reductions.push({ kind: 'no-interpolation' });
  return { ok: true, plan: { voxelType, stepZyx: step, interpolation, reductions } };
}

function longestAxis(shapeZyx: Vec3, step: Vec3): 0 | 1 | 2 {
  const lengths = step.map((each, axis) => shapeZyx[axis]! / each);
  return lengths.indexOf(Math.max(...lengths)) as 0 | 1 | 2;
}
