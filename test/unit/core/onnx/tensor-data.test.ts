import { describe, expect, it } from 'vitest';
import { OnnxFormatError } from '../../../../main/core/onnx/onnx-format-error.ts';
import { dataType, type TensorProto } from '../../../../main/core/onnx/proto.ts';
import { tensorFloats, tensorInts } from '../../../../main/core/onnx/tensor-data.ts';
import { encodeVarint } from '../../../../main/core/onnx/wire.ts';

const bytesOf = (data: { buffer: ArrayBufferLike }) => new Uint8Array(data.buffer);
const tensor = (fields: Partial<TensorProto>): TensorProto => ({
  name: 't',
  dims: [2],
  externalData: [],
  ...fields,
});
const varints = (...values: bigint[]) => Uint8Array.from(values.flatMap((value) => [...encodeVarint(value)]));

describe('tensor data', () => {
  it.each<[string, TensorProto, number[]]>([
    ['float32', tensor({ dataType: dataType.float, rawData: bytesOf(Float32Array.of(1.5, -2)) }), [1.5, -2]],
    [
      'float32 in float_data',
      tensor({ dataType: dataType.float, floatData: bytesOf(Float32Array.of(3, 4)) }),
      [3, 4],
    ],
    ['float64', tensor({ dataType: dataType.double, rawData: bytesOf(Float64Array.of(0.25, 8)) }), [0.25, 8]],
    // IEEE 754 binary16: 1.0 is 0x3c00, the smallest subnormal 0x0001, −65504 0xfbff, ∞ 0x7c00.
    [
      'float16',
      tensor({ dataType: dataType.float16, rawData: bytesOf(Uint16Array.of(0x3c00, 0x0001)) }),
      [1, 2 ** -24],
    ],
    [
      'float16 in int32_data',
      tensor({ dataType: dataType.float16, int32Data: varints(0xfbffn, 0x7c00n) }),
      [-65504, Infinity],
    ],
    [
      'bfloat16',
      tensor({ dataType: dataType.bfloat16, rawData: bytesOf(Uint16Array.of(0x3f80, 0xc040)) }),
      [1, -3],
    ],
  ])('%s', (_, given, expected) => {
    expect([...tensorFloats(given)]).toEqual(expected);
  });

  it.each<[string, TensorProto, number[]]>([
    ['int64', tensor({ dataType: dataType.int64, rawData: bytesOf(BigInt64Array.of(-1n, 7n)) }), [-1, 7]],
    ['int64 in int64_data', tensor({ dataType: dataType.int64, int64Data: varints(-1n, 300n) }), [-1, 300]],
    ['int32', tensor({ dataType: dataType.int32, rawData: bytesOf(Int32Array.of(-5, 6)) }), [-5, 6]],
    ['uint8', tensor({ dataType: dataType.uint8, rawData: Uint8Array.of(200, 1) }), [200, 1]],
    ['bool', tensor({ dataType: dataType.bool, rawData: Uint8Array.of(1, 0) }), [1, 0]],
  ])('%s', (_, given, expected) => {
    expect(tensorInts(given)).toEqual(expected);
  });

  it('reads numbers at any position of the file', () => {
    const file = new Uint8Array(11);
    file.set(bytesOf(Float32Array.of(1, 2)), 3);
    expect([...tensorFloats(tensor({ dataType: dataType.float, rawData: file.subarray(3) }))]).toEqual([
      1, 2,
    ]);
  });

  it.each<[string, RegExp, TensorProto]>([
    [
      'too few bytes',
      /should hold 8 bytes and holds 4/,
      tensor({ dataType: dataType.float, rawData: new Uint8Array(4) }),
    ],
    [
      'too few packed numbers',
      /should hold 8 bytes/,
      tensor({ dataType: dataType.float, floatData: new Uint8Array(4) }),
    ],
    [
      'more varints than elements',
      /does not hold its 2/,
      tensor({ dataType: dataType.int64, int64Data: varints(1n, 2n, 3n) }),
    ],
    [
      'a negative size',
      /impossible shape/,
      tensor({ dims: [-1], dataType: dataType.float, rawData: new Uint8Array(4) }),
    ],
    [
      'a size beyond all numbers',
      /impossible shape/,
      tensor({ dims: [2 ** 40, 2 ** 40], dataType: dataType.float }),
    ],
    ['no data for a large claim', /does not hold/, tensor({ dims: [2 ** 40], dataType: dataType.int64 })],
    ['an unknown type', /element type 99/, tensor({ dataType: 99 })],
    [
      'data in another file',
      /lies in another file \("w.bin"\)/,
      tensor({
        dataType: dataType.float,
        dataLocation: 1,
        externalData: [{ key: 'location', value: 'w.bin' }],
      }),
    ],
  ])('refuses %s', (_, message, given) => {
    const read = () => (given.dataType === dataType.int64 ? tensorInts(given) : tensorFloats(given));
    expect(read).toThrow(OnnxFormatError);
    expect(read).toThrow(message);
  });

  it('reads external data through the reader that is passed in', () => {
    const external = [
      { key: 'location', value: 'w.bin' },
      { key: 'offset', value: '4096' },
    ];
    const given = tensor({ dataType: dataType.float, dataLocation: 1, externalData: external });
    const floats = tensorFloats(given, (location, offset, length) => {
      expect([location, offset, length]).toEqual(['w.bin', 4096, 8]);
      return bytesOf(Float32Array.of(5, 6));
    });
    expect([...floats]).toEqual([5, 6]);
  });
});
