import './refuse-telemetry.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphValues, LoadedGraph } from '../../main/core/tucker/aware/calibration.ts';
import { attempt } from './device-failure.ts';

export interface GraphSessionOptions {
  /**
   * Keeps memory from one run to the next: to get it anew from the system for every operator takes a fifth of a step of learning.
   */
  readonly keepsMemory?: boolean;
}

const processor = { name: 'CPU' };

/**
 * A graph with any number of inputs and outputs on the CPU, for looking at what a network computes inside.
 *
 * @param threads intra-op threads; 0 leaves it to onnxruntime
 * @throws AppFailure `out-of-memory` or `device-failed`, as its runs do
 */
export async function createGraphSession(
  model: Uint8Array,
  threads: number,
  { keepsMemory = false }: GraphSessionOptions = {},
): Promise<LoadedGraph> {
  const session = await attempt(processor, () =>
    InferenceSession.create(model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      enableCpuMemArena: keepsMemory,
      enableMemPattern: false,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      logSeverityLevel: 4,
    }),
  );
  return {
    run: async (values: GraphValues) => {
      const feeds = [...values].map(([name, { type, data, dims }]) => [
        name,
        new Tensor(type as 'float32', data as Float32Array, dims),
      ]);
      const made = await attempt(processor, () => session.run(Object.fromEntries(feeds)));
      return new Map(
        Object.entries(made).map(([name, { type, dims, data }]) => [name, { type, dims, data }]),
      );
    },
    release: () => session.release(),
  };
}
