import { setImmediate } from 'node:timers/promises';
import { createSession } from '../../native/onnxruntime/create-session.ts';
import { AppFailure } from '../contract/app-error.ts';
import type { Device } from '../contract/engine-protocol.ts';
import { writeOnnx } from '../core/onnx/onnx-file.ts';
import type { Probe } from '../core/tucker/allocate/plan-probes.ts';
import { fitTimeModel, type TimedOperation, type TimeModel } from '../core/tucker/allocate/time-model.ts';

export interface MeasureLayersOptions {
  readonly device: Device;
  /** Intra-op threads on the CPU; 0 leaves it to onnxruntime. */
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Told after each probe, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Timed runs of a probe, after one that is not. */
const rounds = 5;

/**
 * What a network's layers take on a device at any ranks, in milliseconds: its probes timed one by one, and a model fitted
 * to them. The fastest of a few runs counts, since whatever else the machine does only adds to it. Blocks this thread
 * for the length of a run, some seconds in all for a network of 30 M parameters.
 *
 * @throws AppFailure `out-of-memory`, `device-failed`; `cancelled` when the signal is aborted
 */
export async function measureLayers(
  probes: readonly Probe[],
  options: MeasureLayersOptions,
): Promise<TimeModel> {
  const timed: TimedOperation[] = [];
  for (const probe of probes) {
    timed.push({ operation: probe.operation, milliseconds: await fastestRun(probe, options) });
    options.onProgress?.(timed.length, probes.length);
  }
  return fitTimeModel(timed);
}

async function fastestRun(
  { model, inputShape, outputShape }: Probe,
  { device, threads, signal }: MeasureLayersOptions,
): Promise<number> {
  const session = await createSession(writeOnnx(model), device, threads);
  try {
    const input = new Float32Array(size(inputShape)).fill(1);
    const output = new Float32Array(size(outputShape));
    let fastest = Infinity;
    for (let round = 0; round <= rounds; round++) {
      // onnxruntime blocks the thread: between its runs the engine reads its messages, or nothing is cancelled.
      await setImmediate();
      if (signal.aborted) throw new AppFailure({ code: 'cancelled' });
      const start = performance.now();
      await session.run(input, inputShape, output, outputShape);
      if (round > 0) fastest = Math.min(fastest, performance.now() - start);
    }
    return fastest;
  } finally {
    await session.release();
  }
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
