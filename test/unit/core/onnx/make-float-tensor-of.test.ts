import { describe, expect, it } from 'vitest';
import { makeFloatTensorOf } from '../../../../main/core/onnx/make-float-tensor-of.ts';
import { OnnxFormatError } from '../../../../main/core/onnx/onnx-format-error.ts';
import { dataType } from '../../../../main/core/onnx/proto.ts';
import { bfloatToFloat, halfToFloat, tensorFloats } from '../../../../main/core/onnx/tensor-data.ts';

const make = (kind: number, values: Float32Array) => makeFloatTensorOf(kind, 'w', [values.length], values);
const bits = (kind: number, values: Float32Array) =>
  new Uint16Array(Uint8Array.from(make(kind, values).rawData!).buffer);
const allBits = Uint16Array.from({ length: 65536 }, (_, i) => i);

describe('tensors of every floating-point type', () => {
  it('give each float16 number its own bits', () => {
    const finite = allBits.filter((word) => ((word >> 10) & 31) !== 31);
    expect(bits(dataType.float16, halfToFloat(finite))).toEqual(finite);
  });

  it('give each bfloat16 number its own bits', () => {
    const finite = allBits.filter((word) => ((word >> 7) & 255) !== 255);
    expect(bits(dataType.bfloat16, bfloatToFloat(finite))).toEqual(finite);
  });

  it('round to nearest, halves to even', () => {
    const values = Float32Array.from([1 + 2 ** -11, 1 + 3 * 2 ** -11, 2047.5, 2 ** -25, 1.5 * 2 ** -24]);
    expect([...tensorFloats(make(dataType.float16, values))]).toEqual([1, 1 + 2 ** -9, 2048, 0, 2 ** -23]);
    const coarse = Float32Array.from([1 + 2 ** -8, 1 + 3 * 2 ** -8]);
    expect([...tensorFloats(make(dataType.bfloat16, coarse))]).toEqual([1, 1 + 2 ** -6]);
  });

  it('hold float32 and double as they are', () => {
    const values = Float32Array.from([0.1, -3, 1e-40, 3e38]);
    for (const kind of [dataType.float, dataType.double])
      expect([...tensorFloats(make(kind, values))]).toEqual([...values]);
  });

  it('refuse what does not fit, and other types', () => {
    expect(() => make(dataType.float16, Float32Array.from([65520]))).toThrow(/too large for float16/);
    expect(() => make(dataType.int8, new Float32Array(1))).toThrow(OnnxFormatError);
  });
});
