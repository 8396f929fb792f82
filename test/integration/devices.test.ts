import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/contract/app-error.ts';
import { listDevices } from '../../main/core/devices/list-devices.ts';
import { selfCheckAnswer } from '../../main/core/devices/self-check-answer.ts';
import { answerLabels, decodeLabels, tooClose } from '../../main/core/devices/self-check-labels.ts';
import { selfCheckClasses } from '../../main/core/devices/self-check-network.ts';
import { runSelfCheck, type RunSelfCheck } from '../../main/core/devices/self-check.ts';
import { readOnnx, writeOnnx } from '../../main/core/onnx/onnx-file.ts';
import { detectMachine } from '../../native/gpu/detect-machine.ts';
import { createSession } from '../../native/onnxruntime/create-session.ts';
import { listProviders } from '../../native/onnxruntime/list-providers.ts';
import { tempDir } from '../fixtures/temp-dir.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('detectMachine', () => {
  it('finds what the operating system says of this machine', async () => {
    const machine = await detectMachine();
    expect(machine.platform).toBe(os.platform());
    expect(machine.cpu.logicalCores).toBe(os.cpus().length);
    expect(machine.cpu.physicalCores).toBeGreaterThan(0);
    expect(machine.cpu.physicalCores).toBeLessThanOrEqual(machine.cpu.logicalCores);
    // The kernel and Node count reserved pages differently.
    expect(machine.memoryTotalBytes / os.totalmem()).toBeCloseTo(1, 2);
    expect(machine.memoryAvailableBytes).toBeGreaterThan(0);
    expect(machine.memoryAvailableBytes).toBeLessThanOrEqual(machine.memoryTotalBytes);
    for (const gpu of machine.gpus) expect(gpu.name).not.toBe('');
    expect(listDevices(machine, listProviders()).at(-1)).toMatchObject({ provider: 'cpu', deviceId: 0 });
  });

  it.skipIf(os.platform() !== 'linux')('lists the instruction sets of the processor', async () => {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    const { instructionSets } = (await detectMachine()).cpu;
    for (const each of ['avx2', 'avx512f', 'fma'])
      expect(instructionSets.includes(each)).toBe(flags.split(' ').includes(each));
  });

  it('gives the environment back as it was', async () => {
    const before = process.env.DISPLAY;
    process.env.DISPLAY = 'nowhere.invalid:0';
    try {
      await detectMachine();
      expect(process.env.DISPLAY).toBe('nowhere.invalid:0');
    } finally {
      if (before === undefined) delete process.env.DISPLAY;
      else process.env.DISPLAY = before;
    }
  });

  const detect = `
    const { detectMachine } = await import(${JSON.stringify(join(root, 'native/gpu/detect-machine.ts'))});
    await detectMachine();`;

  it('asks for no socket and no name from Node', () => {
    const record = join(tempDir(), 'record');
    const hook = join(root, 'test/fixtures/forbid-network.mjs');
    execFileSync(process.execPath, ['--import', hook, '--input-type=module', '-e', detect], {
      env: { ...process.env, THINSLICE_TEST_NETWORK_RECORD: record },
    });
    expect(existsSync(record)).toBe(false);
  });

  const canTrace = spawnSync('strace', ['-f', '-e', 'trace=connect', 'true']).status === 0;

  it.skipIf(!canTrace)('nor do the tools it starts: no program of the run connects to an address', () => {
    const record = join(tempDir(), 'strace');
    const trace = ['-f', '-qq', '-e', 'trace=connect,sendto', '-o', record];
    execFileSync('strace', [...trace, process.execPath, '--input-type=module', '-e', detect], {
      env: { ...process.env, DISPLAY: '127.0.0.1:17' },
    });
    expect(readFileSync(record, 'utf8')).not.toMatch(/AF_INET/);
  });
});

const cpu = { provider: 'cpu', deviceId: 0, name: 'CPU' } as const;

const onCpu: RunSelfCheck = async (network, input, inputShape, outputShape) => {
  const session = await createSession(network, cpu, 1);
  const output = new Float32Array(outputShape.reduce((a, b) => a * b, 1));
  await session.run(input, inputShape, output, outputShape);
  await session.release();
  return output;
};

/** The CPU with something wrong with what it is given or gives back. */
const spoilt =
  (change: (logits: Float32Array) => Float32Array): RunSelfCheck =>
  async (...args) =>
    change(await onCpu(...args));

describe('the self-check on onnxruntime', () => {
  it('passes on the CPU', async () => {
    const verdict = await runSelfCheck(onCpu);
    expect(verdict.passed).toBe(true);
  });

  it('has a stored answer that the CPU gives again', async () => {
    let logits = new Float32Array(0);
    await runSelfCheck(async (...args) => (logits = (await onCpu(...args)) as typeof logits));
    const now = answerLabels(logits, selfCheckClasses);
    const stored = decodeLabels(selfCheckAnswer);
    const clear = stored.map((label, i) => Number(label !== tooClose && now[i] !== tooClose));
    expect(stored.filter((label, i) => clear[i] === 1 && label !== now[i]).length).toBe(0);
    // Another processor rounds otherwise, which moves a voxel over the margin here and there.
    const moved = stored.filter((label, i) => (label === tooClose) !== (now[i] === tooClose)).length;
    expect(moved).toBeLessThan(stored.length / 1000);
  });

  it('passes with weights and image rounded to the 10-bit mantissa of TF32 and of half precision', async () => {
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    const round = (data: Float32Array) =>
      data.map((value) => {
        float[0] = value;
        bits[0] = (bits[0]! + 0x1000) & 0xffffe000;
        return float[0]!;
      });
    const verdict = await runSelfCheck((network, input, ...shapes) => {
      const model = readOnnx(network);
      const initializers = model.graph.initializers.map((tensor) => {
        const copy = tensor.rawData!.slice();
        const floats = new Float32Array(copy.buffer);
        floats.set(round(floats));
        return { ...tensor, rawData: copy };
      });
      const rounded = writeOnnx({ ...model, graph: { ...model.graph, initializers } });
      return onCpu(rounded, round(input), ...shapes);
    });
    expect(verdict.passed).toBe(true);
  });

  it.each([
    ['zeros', (logits: Float32Array) => logits.fill(0), { code: 'all-zero' }],
    ['NaN', (logits: Float32Array) => logits.fill(NaN, 10, 15), { code: 'not-a-number', values: 5 }],
    ['too little', (logits: Float32Array) => logits.subarray(1), { code: 'wrong-size' }],
    ['the axes the wrong way round', (logits: Float32Array) => logits.reverse(), { code: 'wrong-labels' }],
    // A driver that leaves the last eighth of the patch undone.
    [
      'a part undone',
      (logits: Float32Array) => logits.map((v, i) => (i % 12288 < 10752 ? v : 0)),
      { code: 'wrong-labels' },
    ],
  ])('sets a device aside that gives %s', async (_what, change, failure) => {
    const verdict = await runSelfCheck(spoilt(change));
    expect(verdict).toMatchObject({ passed: false, failure });
  });

  it('notices a normalisation that keeps the wrong statistics', async () => {
    const verdict = await runSelfCheck((network, ...rest) => {
      const model = readOnnx(network);
      const nodes = model.graph.nodes.map((node) =>
        node.opType === 'InstanceNormalization'
          ? { ...node, attributes: node.attributes.map((each) => ({ ...each, f: 0.5 })) }
          : node,
      );
      return onCpu(writeOnnx({ ...model, graph: { ...model.graph, nodes } }), ...rest);
    });
    expect(verdict).toMatchObject({ passed: false, failure: { code: 'wrong-labels' } });
  });

  it('sets a device aside that is not there, with the runtime’s words', async () => {
    const missing = { provider: 'cuda', deviceId: 99, name: 'no such card' } as const;
    const verdict = await runSelfCheck(async (network) => {
      try {
        await createSession(network, missing, 1);
      } catch (error) {
        const detail =
          error instanceof AppFailure && 'detail' in error.error ? error.error.detail : String(error);
        throw new Error(detail, { cause: error });
      }
      return new Float32Array(0);
    });
    expect(verdict).toMatchObject({ passed: false, failure: { code: 'threw' } });
  });
});
