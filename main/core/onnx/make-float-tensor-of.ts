import { roundToFloat16 } from '../tensor/round-to-float16.ts';
import { OnnxFormatError } from './onnx-format-error.ts';
import { dataType, type TensorProto } from './proto.ts';

/** From here on a number rounds to infinity in binary16. */
const float16Limit = 65520;

/**
 * A tensor of one of the floating-point types, C order, rounded to nearest. Throws OnnxFormatError for another type,
 * and for a number too large for float16.
 */
export function makeFloatTensorOf(
  kind: number,
  name: string,
  dims: readonly number[],
  values: Float32Array,
): TensorProto {
  return { dims, dataType: kind, name, rawData: encode(kind, name, values), externalData: [] };
}

function encode(kind: number, name: string, values: Float32Array): Uint8Array {
  switch (kind) {
    case dataType.float:
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    case dataType.double:
      return new Uint8Array(Float64Array.from(values).buffer);
    case dataType.float16:
      if (values.some((value) => Math.abs(value) >= float16Limit))
        throw new OnnxFormatError(`the weights of "${name}" are too large for float16`);
      return new Uint8Array(Uint16Array.from(values, float16Bits).buffer);
    case dataType.bfloat16:
      return new Uint8Array(bfloat16Bits(values).buffer);
    default:
      throw new OnnxFormatError(`the element type ${kind} of "${name}" is not a floating-point type`);
  }
}

function float16Bits(value: number): number {
  const rounded = Math.abs(roundToFloat16(value));
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  // Subnormals count in units of 2^-24; a normal number has an exponent of at least -14.
  if (rounded < 2 ** -14) return sign | (rounded * 2 ** 24);
  const exponent = Math.floor(Math.log2(rounded));
  return sign | ((exponent + 15) << 10) | ((rounded / 2 ** exponent - 1) * 1024);
}

/** The upper half of a float32, halves to even. */
function bfloat16Bits(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  return Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16);
}
