import './refuse-telemetry.ts';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { Device } from '../../main/contract/engine-protocol.ts';
import { attempt } from './device-failure.ts';

// Errors come as exceptions; the command line's stderr is for people.
env.logLevel = 'fatal';

/** One network, loaded onto a device. Blocks the thread it is called on while it runs: never the window's. */
export interface NetworkSession {
  /** Axis 1 of the output as the file declares it; null where it does not. */
  readonly outputChannels: number | null;
  /**
   * @param input read where it lies, not copied; not over a SharedArrayBuffer, which Node 20's binding refuses
   * @param output where the result goes, so that one buffer serves every run
   * @throws AppFailure `out-of-memory` or `device-failed`
   */
  readonly run: (
    input: Float32Array,
    inputShape: readonly number[],
    output: Float32Array,
    outputShape: readonly number[],
  ) => Promise<void>;
  readonly release: () => Promise<void>;
}

/**
 * Loads an ONNX network with one input and one output, both float32.
 *
 * @param threads intra-op threads on the CPU; 0 leaves it to onnxruntime (one a physical core)
 * @throws AppFailure `out-of-memory` or `device-failed`
 */
export async function createSession(
  model: Uint8Array,
  device: Device,
  threads: number,
): Promise<NetworkSession> {
  const session = await attempt(device, () =>
    InferenceSession.create(model, sessionOptions(device, threads)),
  );
  const [inputName] = session.inputNames;
  const [outputName] = session.outputNames;
  const [outputMetadata] = session.outputMetadata;
  const channels = outputMetadata?.isTensor ? outputMetadata.shape[1] : null;
  return {
    outputChannels: typeof channels === 'number' ? channels : null,
    run: (input, inputShape, output, outputShape) =>
      attempt(device, async () => {
        const feeds = { [inputName]: new Tensor('float32', input, inputShape) };
        const fetches = { [outputName]: new Tensor('float32', output, outputShape) };
        const results = await session.run(feeds, fetches);
        // onnxruntime-node fills `output`, and gives a copy of it as well, which would wait for the garbage collector.
        const copy = results[outputName].data;
        if (copy instanceof Float32Array && copy.buffer !== output.buffer) discard(copy.buffer);
      }),
    release: () => session.release(),
  };
}

/** Gives memory back at once, where the runtime can (Node 22). */
function discard(buffer: ArrayBufferLike): void {
  if ('transfer' in buffer && typeof buffer.transfer === 'function') buffer.transfer(0);
}

function sessionOptions({ provider, deviceId }: Device, threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: provider === 'cpu' ? ['cpu'] : [{ name: provider, deviceId }, 'cpu'],
    intraOpNumThreads: threads,
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    // Both cost memory and save no time here. TotalSegmentator's 3 mm network, 112×112×128, onnxruntime 1.30, two
    // cores; peak resident size and seconds a tile, without its head (32 outputs) | whole (118 outputs):
    //   neither 1.40 GB 6.5 s | 2.46 GB 7.6 s; pattern only 1.38 GB 6.4 s;
    //   arena only 1.57 GB 6.4 s; both 2.58 GB 6.8 s | 4.16 GB 8.2 s.
    // Without the arena 0.85 GB are resident between tiles, with it all of the peak. DirectML needs the pattern off.
    enableCpuMemArena: false,
    enableMemPattern: false,
    // Idle threads wait instead of spinning: a workstation that shows a window, decodes and compresses is never quiet.
    // On a quiet machine it costs nothing: ct-tissue-nnunet over 160 CT slices, two cores, four runs each in turn,
    // network seconds and CPU seconds of the whole program, medians: spinning 5.7 and 15.8, waiting 5.8 and 14.4.
    // Beside other work on the same cores (64³, 25 to 41 runs each) a waiting run took 0.87 to 0.98 of a spinning one.
    extra: {
      session: { intra_op: { allow_spinning: '0' } },
      // What a folded graph makes anew for each of its users, slab by slab (run-in-slabs), would be made once and kept
      // whole until the last of them: 1600 MiB instead of 1390 (1.5 mm architecture at DF 0.3, 128³, folded for speed).
      ...(provider === 'cpu' && {
        optimization: { disable_specified_optimizers: 'CommonSubexpressionElimination' },
      }),
    },
    logSeverityLevel: 4,
  };
}
