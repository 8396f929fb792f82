import { expect } from 'vitest';
import type { OnnxModel } from '../../../../../main/core/onnx/onnx-file.ts';
import type { NodeProto } from '../../../../../main/core/onnx/proto.ts';
import { applyEdit, type Edit } from '../../../../../main/core/tucker/fold/apply-edit.ts';
import { GraphView } from '../../../../../main/core/tucker/fold/graph-view.ts';
import { network, randomTensor } from '../layer-networks.ts';
import { gap } from './small-unet.ts';

// One pass at a time in float32: a few units in the last place of the largest output.
const tolerance = 2e-5;

export type Pass = (view: GraphView) => Edit | null;

/** From `x` to `y`; of each weight its dims. */
export function graph(
  nodes: readonly NodeProto[],
  weights: Readonly<Record<string, readonly number[]>>,
  channels: number,
  axes = 3,
): OnnxModel {
  const tensors = Object.entries(weights).map(([name, dims], i) => randomTensor(name, dims, i));
  return network(nodes, tensors, channels, axes);
}

export const fires = (pass: Pass, model: OnnxModel, shape: readonly number[]) =>
  pass(new GraphView(model, { x: shape })) !== null;

/** Applies a pass until it finds nothing, checks that the outputs are the same, and gives the result. */
export async function run(pass: Pass, model: OnnxModel, shape: readonly number[]): Promise<OnnxModel> {
  let current = model;
  for (let edit = pass(new GraphView(model, { x: shape })); edit;) {
    current = applyEdit(current, edit);
    edit = pass(new GraphView(current, { x: shape }));
  }
  expect(current).not.toBe(model);
  expect(await gap(model, current, shape)).toBeLessThan(tolerance);
  return current;
}
