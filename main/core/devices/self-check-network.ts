import { SeededRandom } from '../random/seeded-random.ts';
import { makeFloatTensor, makeModel, makeNode, makeValueInfo } from '../onnx/build-graph.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { NodeProto, TensorProto } from '../onnx/proto.ts';
import { voxelCount, type Vec3 } from '../volume/volume.ts';

/** Three different, uneven sizes: swapped axes cannot go unseen. */
export const selfCheckShape: Vec3 = [16, 24, 32];
export const selfCheckClasses = 5;

/** Edge of the blocks of equal intensity that the patch is made of: labels come in regions, as in an image. */
const block = 4;
const features = 8;
const deep = 16;

/**
 * A small U-Net with every operator that carries a segmentation network: convolutions of 3×3×3, 1×3×3 and 1×1×1,
 * a strided one, InstanceNormalization, LeakyRelu, ConvTranspose and Concat. The same bytes on every machine: the
 * weights are drawn by an integer generator, and only rounded operations follow.
 *
 * @returns an ONNX file, `image` [1, 1, 16, 24, 32] to `logits` [1, 5, 16, 24, 32]
 */
export function selfCheckNetwork(): Uint8Array {
  const random = new SeededRandom(7);
  const initializers: TensorProto[] = [];
  const nodes: NodeProto[] = [];
  const weights = (name: string, dims: readonly number[], fanIn: number): string => {
    const limit = Math.sqrt(3 / fanIn);
    const count = dims.reduce((total, size) => total * size, 1);
    const data = Float32Array.from({ length: count }, () => (2 * random.next() - 1) * limit);
    initializers.push(makeFloatTensor(name, dims, data));
    return name;
  };
  const bias = (name: string, channels: number) => weights(name, [channels], 12);
  const convolve = (name: string, input: string, channels: Channels, kernel: Vec3, stride = 1): string => {
    const fanIn = channels.in * voxelCount(kernel);
    const inputs = [
      input,
      weights(`${name}.w`, [channels.out, channels.in, ...kernel], fanIn),
      bias(`${name}.b`, channels.out),
    ];
    const half = kernel.map((size) => (size - 1) / 2);
    const attributes = {
      kernel_shape: kernel,
      pads: [...half, ...half],
      strides: [stride, stride, stride],
    };
    nodes.push(makeNode('Conv', inputs, [name], attributes));
    return name;
  };
  const normalise = (input: string, channels: number): string => {
    const scale = makeFloatTensor(`${input}.scale`, [channels], new Float32Array(channels).fill(1));
    initializers.push(scale);
    const inputs = [input, `${input}.scale`, bias(`${input}.shift`, channels)];
    nodes.push(
      makeNode('InstanceNormalization', inputs, [`${input}.norm`], { epsilon: { float: 1e-5 } }),
      makeNode('LeakyRelu', [`${input}.norm`], [`${input}.out`], { alpha: { float: 0.01 } }),
    );
    return `${input}.out`;
  };

  const skip = normalise(convolve('first', 'image', { in: 1, out: features }, [3, 3, 3]), features);
  const down = normalise(convolve('down', skip, { in: features, out: deep }, [3, 3, 3], 2), deep);
  const flat = normalise(convolve('flat', down, { in: deep, out: deep }, [1, 3, 3]), deep);
  const up = [flat, weights('up.w', [deep, features, 2, 2, 2], deep), bias('up.b', features)];
  nodes.push(
    makeNode('ConvTranspose', up, ['up'], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
    makeNode('Concat', ['up', skip], ['joined'], { axis: 1 }),
  );
  const mixed = normalise(convolve('mix', 'joined', { in: deep, out: features }, [3, 3, 3]), features);
  convolve('logits', mixed, { in: features, out: selfCheckClasses }, [1, 1, 1]);

  const inputs = [makeValueInfo('image', [1, 1, ...selfCheckShape])];
  const outputs = [makeValueInfo('logits', [1, selfCheckClasses, ...selfCheckShape])];
  return writeOnnx(makeModel({ name: 'self-check', nodes, initializers, inputs, outputs }));
}

interface Channels {
  readonly in: number;
  readonly out: number;
}

/** The image that belongs to it: blocks of random intensity in [-1, 1) under a little noise. C order. */
export function selfCheckPatch(): Float32Array {
  const random = new SeededRandom(7);
  const [d0, d1, d2] = selfCheckShape;
  const [b1, b2] = [d1 / block, d2 / block];
  const blocks = Float32Array.from({ length: (d0 / block) * b1 * b2 }, () => 2 * random.next() - 1);
  const patch = new Float32Array(voxelCount(selfCheckShape));
  for (let i = 0; i < patch.length; i++) {
    const z = Math.floor(i / (d1 * d2));
    const y = Math.floor(i / d2) % d1;
    const x = i % d2;
    const cell = (Math.floor(z / block) * b1 + Math.floor(y / block)) * b2 + Math.floor(x / block);
    patch[i] = blocks[cell] + 0.1 * random.next();
  }
  return patch;
}
