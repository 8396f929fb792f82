import type { ShapeRule } from './infer-shapes.ts';
import { convolutionRules } from './shape-rules-convolution.ts';
import { elementwiseRules } from './shape-rules-elementwise.ts';
import { layoutRules } from './shape-rules-layout.ts';

/** One rule an operator: those that 3D segmentation networks use (ONNX operator schemas, opsets 7 to 21). */
export const shapeRules: ReadonlyMap<string, ShapeRule> = new Map(
  Object.entries({ ...convolutionRules, ...elementwiseRules, ...layoutRules }),
);
