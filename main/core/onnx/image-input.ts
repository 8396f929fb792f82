import type { OnnxModel } from './onnx-file.ts';
import type { ValueInfoProto } from './proto.ts';

/** The input that is the image: older files list their weights among the inputs too. */
export function imageInput({ graph }: OnnxModel): ValueInfoProto | undefined {
  const weights = new Set(graph.initializers.map(({ name }) => name));
  return graph.inputs.find(({ name }) => !weights.has(name));
}
