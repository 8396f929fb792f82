import { createSession, type NetworkSession } from '../../native/onnxruntime/create-session.ts';
import type { Device } from '../contract/engine-protocol.ts';
import type { Shape } from '../core/onnx/infer-shapes.ts';
import { writeOnnx } from '../core/onnx/onnx-file.ts';
import { operationKey } from '../core/tucker/allocate/operations.ts';
import type { Probe } from '../core/tucker/allocate/plan-probes.ts';
import { readMessages } from './read-messages.ts';

export interface MeasureLayersOptions {
  readonly device: Device;
  /** Intra-op threads on the CPU; 0 leaves it to onnxruntime. */
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Told after each run, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Timed runs of each probe, after one that is not. */
const rounds = 2;

/**
 * Milliseconds that operations take on a device, by `operationKey`. All probes run in turn, a few times over, and of
 * each the fastest run counts: what else the machine does comes and goes, and only ever adds. Blocks this thread for the
 * length of a run.
 *
 * @throws AppFailure `out-of-memory`, `device-failed`; `cancelled` when the signal is aborted
 */
export async function measureLayers(
  probes: readonly Probe[],
  { device, threads, signal, onProgress }: MeasureLayersOptions,
): Promise<ReadonlyMap<string, number>> {
  const largest = (shapes: readonly Shape[]) => new Float32Array(Math.max(0, ...shapes.map(size))).fill(1);
  const input = largest(probes.map(({ inputShape }) => inputShape));
  const output = largest(probes.map(({ outputShape }) => outputShape));
  const sessions: NetworkSession[] = [];
  const fastest = probes.map(() => Infinity);
  try {
    for (const { model } of probes) sessions.push(await createSession(writeOnnx(model), device, threads));
    for (let round = 0; round < rounds; round++)
      for (const [i, { inputShape, outputShape }] of probes.entries()) {
        await readMessages(signal);
        const [from, to] = [input.subarray(0, size(inputShape)), output.subarray(0, size(outputShape))];
        const start = performance.now();
        await sessions[i].run(from, inputShape, to, outputShape);
        fastest[i] = Math.min(fastest[i], performance.now() - start);
        onProgress?.(round * probes.length + i + 1, rounds * probes.length);
      }
  } finally {
    for (const session of sessions) await session.release();
  }
  return new Map(probes.map(({ operation }, i) => [operationKey(operation), fastest[i]]));
}

function size(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
