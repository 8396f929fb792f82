import { normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../../../main/contract/app-error.ts';
import type { Device } from '../../../../main/contract/engine-protocol.ts';
import {
  makeFloatTensor,
  makeInt64Tensor,
  makeModel,
  makeNode,
  makeValueInfo,
} from '../../../../main/core/onnx/build-graph.ts';
import { writeOnnx } from '../../../../main/core/onnx/onnx-file.ts';
import { createSession } from '../../../../native/onnxruntime/create-session.ts';
import { bindingFolder, listProviders } from '../../../../native/onnxruntime/list-providers.ts';

const cpu: Device = { provider: 'cpu', deviceId: 0, name: 'CPU' };

/** y = [2x + 1, -x] over any number of voxels. */
const affine = writeOnnx(
  makeModel({
    name: 'affine',
    nodes: [makeNode('Conv', ['x', 'w', 'b'], ['y'])],
    initializers: [
      makeFloatTensor('w', [2, 1, 1], Float32Array.of(2, -1)),
      makeFloatTensor('b', [2], Float32Array.of(1, 0)),
    ],
    inputs: [makeValueInfo('x', [1, 1, 'n'])],
    outputs: [makeValueInfo('y', [1, 2, 'n'])],
  }),
);

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof AppFailure ? error.error.code : error),
  );

describe('createSession', () => {
  it('runs a network into the buffer it is given, any number of times', async () => {
    const session = await createSession(affine, cpu, 1);
    expect(session.outputChannels).toBe(2);
    const output = new Float32Array(6);
    for (const x of [1, 5]) {
      await session.run(Float32Array.of(x, 2, 3), [1, 1, 3], output, [1, 2, 3]);
      expect([...output]).toEqual([2 * x + 1, 5, 7, -x, -2, -3]);
    }
    await session.release();
  });

  it('says device-failed for what is no network', async () => {
    expect(await codeOf(createSession(new Uint8Array(100), cpu, 1))).toBe('device-failed');
    expect(await codeOf(createSession(affine, { provider: 'cuda', deviceId: 0, name: 'GPU' }, 1))).toBe(
      listProviders().includes('cuda') ? 'no error' : 'device-failed',
    );
  });

  it('says out-of-memory where the memory is not enough', async () => {
    const side = 2 ** 20;
    const expand = makeModel({
      name: 'expand',
      nodes: [makeNode('Expand', ['x', 'shape'], ['big']), makeNode('ReduceMax', ['big'], ['y'])],
      initializers: [makeInt64Tensor('shape', [3], [side, side, 64])],
      inputs: [makeValueInfo('x', [1, 1, 1])],
      outputs: [makeValueInfo('y', [1, 1, 1])],
    });
    const session = await createSession(writeOnnx(expand), cpu, 1);
    const one = new Float32Array(1);
    expect(await codeOf(session.run(one, [1, 1, 1], new Float32Array(1), [1, 1, 1]))).toBe('out-of-memory');
    await session.release();
  });
});

describe('bindingFolder', () => {
  const place = `bin/napi-v6/${process.platform}/${process.arch}`;

  it('is outside of the archive of a packaged app, and where it is otherwise', () => {
    const inside = (root: string): string =>
      bindingFolder(`${root}/node_modules/onnxruntime-node/dist/index.js`);
    const found = (root: string): string => normalize(`${root}/node_modules/onnxruntime-node/${place}`);
    expect(inside('/opt/Thinslice/resources/app.asar')).toBe(
      found('/opt/Thinslice/resources/app.asar.unpacked'),
    );
    expect(inside('/home/app.asarama/thinslice')).toBe(found('/home/app.asarama/thinslice'));
  });
});

describe('listProviders', () => {
  it('always has the CPU, first', () => {
    expect(listProviders()[0]).toBe('cpu');
  });
});
