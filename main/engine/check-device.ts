import { createSession } from '../../native/onnxruntime/create-session.ts';
import { AppFailure } from '../contract/app-error.ts';
import type { CheckDevice } from '../contract/device-requests.ts';
import { runSelfCheck, type RunSelfCheck, type SelfCheckVerdict } from '../core/devices/self-check.ts';

/** Runs the self-check on a device. What it throws is a verdict too. */
export function checkDevice({ device }: CheckDevice['request']): Promise<SelfCheckVerdict> {
  const run: RunSelfCheck = async (network, input, inputShape, outputShape) => {
    const output = new Float32Array(outputShape.reduce((total, size) => total * size, 1));
    const session = await createSession(network, device, 0);
    try {
      await session.run(input, inputShape, output, outputShape);
    } finally {
      await session.release();
    }
    return output;
  };
  return runSelfCheck((...args) => run(...args).catch(throwInWords));
}

function throwInWords(error: unknown): never {
  if (!(error instanceof AppFailure) || !('detail' in error.error)) throw error;
  throw new Error(error.error.detail, { cause: error });
}
