import type { OnnxModel } from './onnx-file.ts';
import type { ValueInfoProto } from './proto.ts';

/** The input that is the image: older files list their weights among the inputs too. */
export function imageInput({ graph }: OnnxModel): ValueInfoProto | undefined {
  const weights = new Set(graph.initializers.map(({ name }) => name));
  return graph.inputs.find(({ name }) => !weights.has(name));
}

export interface NetworkEnds {
  readonly input: string;
  readonly output: string;
}

/** The names of the image and of what is made of it. Throws for a network without either. */
export function networkEnds(network: OnnxModel): NetworkEnds {
  const input = imageInput(network)?.name;
  const output = network.graph.outputs[0]?.name;
  if (!input || !output) throw new Error('a network without input or output');
  return { input, output };
}
