import type { GradientRule } from './gradient-rule.ts';
import { convolutionRules } from './rules-convolution.ts';
import { elementwiseRules } from './rules-elementwise.ts';
import { layoutRules } from './rules-layout.ts';
import { normalizationRules } from './rules-normalization.ts';
import { productRules } from './rules-products.ts';
import { resamplingRules } from './rules-resampling.ts';

/** One rule an operator that 3D segmentation networks and their losses use. */
export const gradientRules: ReadonlyMap<string, GradientRule> = new Map(
  Object.entries({
    ...convolutionRules,
    ...productRules,
    ...normalizationRules,
    ...elementwiseRules,
    ...layoutRules,
    ...resamplingRules,
  }),
);
