import { decodeMessage, encodeMessage } from './message-codec.ts';
import { OnnxFormatError } from './onnx-format-error.ts';
import { modelMessage, type GraphProto, type ModelProto } from './proto.ts';

/** A model that has a graph, as every file that can be run has. */
export interface OnnxModel extends ModelProto {
  readonly graph: GraphProto;
}

/**
 * Reads an ONNX file (onnx.proto3). Tensor data are views into `bytes`, which must not change afterwards.
 * `writeOnnx(readOnnx(bytes))` gives the same bytes. Throws OnnxFormatError.
 */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  const model = decodeMessage(modelMessage, bytes);
  if (model.graph === undefined) throw new OnnxFormatError('it holds no graph');
  return model as OnnxModel;
}

/** Writes an ONNX file; every part that was read and not replaced comes out byte for byte as it was. */
export function writeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  return encodeMessage(modelMessage, model as ModelProto);
}
