import type { NetworkTiming, TimeNetworkRequest } from '../contract/device-requests.ts';
import { voxelCount } from '../core/volume/volume.ts';
import { loadNetworks } from './predict-network.ts';
import { watchRuns } from './watch-runs.ts';
import { readNetwork } from './read-network.ts';

/** On the CPU a run that takes longer is not much changed by being the first, or by what else the machine does for a moment. */
const longSeconds = 1;
const mostRuns = 4;
/** The first run on a card also looks for the fastest of its algorithms, and compiles them. */
const leastRunsOnCard = 2;

/**
 * Runs a network on a tile, as a segmentation would: once where that takes long, else a few times, of which the fastest
 * counts. To be asked of an engine that has done nothing else yet: its largest resident size is then the network's, on
 * the CPU. Of other devices nobody tells.
 *
 * @throws AppFailure `model-corrupt`, `out-of-memory`, `device-failed`, `cancelled`
 */
export async function timeNetwork(
  { network, model, tileShape, device }: TimeNetworkRequest,
  { signal }: { readonly signal: AbortSignal },
): Promise<NetworkTiming> {
  const input = noise(model.channels.length * voxelCount(tileShape));
  const residentBytes = process.memoryUsage.rss();
  const peakBefore = peakResidentBytes();
  const request = { networks: [readNetwork(network)], model, device, threads: 0 };
  const networks = await loadNetworks(request, tileShape, signal);
  try {
    const watched = watchRuns(networks.runNetwork, device);
    const leastRuns = device.provider === 'cpu' ? 1 : leastRunsOnCard;
    const seconds: number[] = [];
    do {
      const start = performance.now();
      await watched.runNetwork(0, input, tileShape);
      seconds.push((performance.now() - start) / 1000);
    } while (seconds.length < leastRuns || (seconds.length < mostRuns && seconds[0] < longSeconds));
    const peak = peakResidentBytes();
    const known = device.provider === 'cpu' && peak > peakBefore;
    return { seconds: Math.min(...seconds), peakBytes: known ? peak - residentBytes : null };
  } finally {
    await networks.release();
  }
}

function peakResidentBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** Values in [-1, 1): zeros would make some networks faster than images do, and others divide by their deviation. */
function noise(length: number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = ((i * 16807) % 2147) / 1073.5 - 1;
  return values;
}
