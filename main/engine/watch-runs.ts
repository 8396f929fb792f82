import { AppFailure } from '../contract/app-error.ts';
import type { Device } from '../contract/engine-protocol.ts';
import { describeFailure, findFault } from '../core/devices/self-check.ts';
import type { RunNetwork } from '../core/segment/3-predict/predict-planes.ts';

export interface WatchedRuns {
  /** Throws AppFailure `device-failed` with the fault besides what the watched one throws. */
  readonly runNetwork: RunNetwork;
  /** The mean, without the first run where there were more, which also sets up buffers; null where there was none. */
  readonly secondsPerRun: () => number | null;
}

/** Times each run of a network, and looks at each output of a device other than the CPU, which is the measure itself. */
export function watchRuns(runNetwork: RunNetwork, device: Device): WatchedRuns {
  let runs = 0;
  let total = 0;
  let first = 0;
  return {
    runNetwork: async (...args) => {
      const start = performance.now();
      const output = await runNetwork(...args);
      const seconds = (performance.now() - start) / 1000;
      if (runs++ === 0) first = seconds;
      total += seconds;
      if (device.provider !== 'cpu') checkOutput(output, device);
      return output;
    },
    secondsPerRun: () => (runs === 0 ? null : runs === 1 ? total : (total - first) / (runs - 1)),
  };
}

function checkOutput(output: Float32Array, { name }: Device): void {
  const fault = findFault(output);
  if (!fault) return;
  throw new AppFailure({ code: 'device-failed', device: name, detail: describeFailure(fault), fault });
}
