import { inferShapes, type Shape } from '../onnx/infer-shapes.ts';
import { OnnxFormatError } from '../onnx/onnx-format-error.ts';
import type { OnnxModel } from '../onnx/onnx-file.ts';
import { dataType, type ValueInfoProto } from '../onnx/proto.ts';
import { checkTensorSize } from '../onnx/tensor-data.ts';
import type { Vec3 } from '../volume/volume.ts';

/** What a segmentation network must look like from outside. */
export interface NetworkInterface {
  readonly channels: number;
  readonly classes: number;
  /** D, H, W. */
  readonly patch: Vec3;
}

/**
 * Checks that a network takes one float tensor [1, channels, D, H, W] and gives one [1, classes, D, H, W] for the
 * patch, with known operators, consistent weights and no data in other files. Returns the name of the input and
 * the shape that it is run with. Throws OnnxFormatError.
 */
export function checkNetwork(model: OnnxModel, expected: NetworkInterface): Readonly<Record<string, Shape>> {
  const { graph } = model;
  const held = new Set(graph.initializers.map(({ name }) => name));
  for (const tensor of graph.initializers) {
    if (tensor.dataLocation === 1)
      throw new OnnxFormatError(`the weight "${tensor.name ?? ''}" lies in another file`);
    checkTensorSize(tensor);
  }
  const [input, ...moreInputs] = graph.inputs.filter(({ name }) => !held.has(name));
  const [output, ...moreOutputs] = graph.outputs;
  if (!input?.name || moreInputs.length > 0)
    throw new OnnxFormatError(`it has ${moreInputs.length + (input ? 1 : 0)} inputs where one is needed`);
  if (!output?.name || moreOutputs.length > 0)
    throw new OnnxFormatError(`it has ${graph.outputs.length} outputs where one is needed`);
  checkFloat(input);
  checkFloat(output);
  const inputShape = [1, expected.channels, ...expected.patch];
  checkDeclared('input', input, inputShape);
  const inputShapes = { [input.name]: inputShape };
  const found = inferShapes(model, inputShapes).get(output.name);
  const outputShape = [1, expected.classes, ...expected.patch];
  if (found?.join() !== outputShape.join())
    throw new OnnxFormatError(
      `its output is ${found?.join(' × ') ?? 'made by nothing'} where the model needs ${outputShape.join(' × ')}`,
    );
  return inputShapes;
}

function checkFloat({ name, type }: ValueInfoProto): void {
  const kind = type?.tensorType?.elemType;
  if (kind !== dataType.float) throw new OnnxFormatError(`"${name ?? ''}" is not a float32 tensor`);
}

/** A dimension that the file leaves open fits anything. */
function checkDeclared(what: string, { type }: ValueInfoProto, wanted: readonly number[]): void {
  const dims = type?.tensorType?.shape?.dims;
  if (!dims) return;
  const fits =
    dims.length === wanted.length && dims.every(({ value }, axis) => !value || value === wanted[axis]);
  if (fits) return;
  const declared = dims.map(({ value, param }) => value ?? (param || '?')).join(' × ');
  throw new OnnxFormatError(`its ${what} is ${declared} where the model needs ${wanted.join(' × ')}`);
}
