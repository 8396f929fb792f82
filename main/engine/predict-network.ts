import { imageInput } from '../core/onnx/image-input.ts';
import { createSession, type NetworkSession } from '../../native/onnxruntime/create-session.ts';
import { AppFailure } from '../contract/app-error.ts';
import type { Device, SegmentRequest } from '../contract/engine-protocol.ts';
import { OnnxFormatError } from '../core/onnx/onnx-format-error.ts';
import { measureCost } from '../core/onnx/measure-cost.ts';
import { readOnnx, writeOnnx, type OnnxModel } from '../core/onnx/onnx-file.ts';
import { headNetwork, takeHeadsOff, type JoinedHead } from '../core/segment/3-predict/joined-head.ts';
import type { Prediction, RunNetwork } from '../core/segment/3-predict/predict-planes.ts';
import type { ApplyHead } from '../core/segment/5-restore/restore-slabs.ts';
import { foldGraph, mergeLinear } from '../core/tucker/fold/fold-graph.ts';
import { readMessages } from './read-messages.ts';
import { voxelCount, type Vec3 } from '../core/volume/volume.ts';

/** The loaded networks of a model, one a fold, and what stages 3 and 5 need to use them. */
export interface LoadedNetworks extends Pick<
  Prediction,
  'folds' | 'outputChannels' | 'foldsAre' | 'runNetwork'
> {
  /** Null where the networks give logits themselves. */
  readonly applyHead: ApplyHead | null;
  /** Spent inside onnxruntime so far. */
  readonly networkSeconds: () => number;
  readonly release: () => Promise<void>;
}

type LoadRequest = Pick<SegmentRequest, 'model' | 'device' | 'threads'> & {
  readonly networks: readonly Uint8Array[];
};

/**
 * Loads the networks onto the device, without their heads where that pays (`joinHeads`), and folded for tiles of this
 * shape: what is stored stays as the model was imported, and fits any tile.
 *
 * @throws AppFailure `model-corrupt`, `out-of-memory`, `device-failed`; `cancelled` also from a run
 */
export async function loadNetworks(
  request: LoadRequest,
  tileShape: Vec3,
  signal: AbortSignal,
): Promise<LoadedNetworks> {
  const { model, device, threads } = request;
  const classes = model.decision.values.length;
  const inputShape = [1, model.channels.length, ...tileShape];
  const { networks, head } = prepare(request, classes, inputShape);
  const outputChannels = head ? head.features / networks.length : classes;
  const loaded: NetworkSession[] = [];
  const release = async () => {
    for (const session of loaded.splice(0)) await session.release();
  };
  try {
    for (const network of networks) {
      await readMessages(signal);
      const session = await createSession(network, device, threads);
      loaded.push(session);
      checkChannels(session, outputChannels, model.name);
    }
    if (head) loaded.push(await createSession(writeOnnx(headNetwork(head)), device, threads));
  } catch (error) {
    await release();
    throw error;
  }
  const sessions = loaded.slice(0, networks.length);
  const headSession = loaded.at(networks.length);

  let seconds = 0;
  const timed = async (work: () => Promise<void>) => {
    await readMessages(signal);
    const start = performance.now();
    await work();
    seconds += (performance.now() - start) / 1000;
  };
  const outputShape = [1, outputChannels, ...tileShape];
  const output = new Float32Array(outputChannels * voxelCount(tileShape));
  const runNetwork: RunNetwork = async (fold, input) => {
    await timed(() => sessions[fold].run(input, inputShape, output, outputShape));
    return output;
  };
  return {
    folds: sessions.length,
    outputChannels,
    foldsAre: head ? 'stacked' : 'mean',
    runNetwork,
    applyHead: head && headSession ? headRunner(headSession, head, timed) : null,
    networkSeconds: () => seconds,
    release,
  };
}

interface Prepared {
  readonly networks: readonly Uint8Array[];
  readonly head: JoinedHead | null;
}

function prepare(
  { networks, model, device }: LoadRequest,
  classes: number,
  inputShape: readonly number[],
): Prepared {
  try {
    const { bodies, head } = takeHeadsOff(
      networks.map((bytes) => readOnnx(bytes)),
      classes,
    );
    return { networks: bodies.map((each) => writeOnnx(folded(each, device, inputShape))), head };
  } catch (error) {
    if (!(error instanceof OnnxFormatError)) throw error;
    throw new AppFailure({ code: 'model-corrupt', model: model.name, detail: error.message });
  }
}

/**
 * Slabs and norms of few channels are for the CPU's caches and threads; what is merged is less work anywhere. Where memory is
 * scarce, the network is folded to take less of it, which costs some time and changes no result.
 */
function folded(network: OnnxModel, { provider }: Device, inputShape: readonly number[]): OnnxModel {
  const shapes = { [imageInput(network)?.name ?? '']: inputShape };
  if (provider !== 'cpu') return mergeLinear(network, shapes);
  return foldGraph(network, shapes, { favour: isMemoryScarce(network, shapes) ? 'memory' : 'speed' });
}

/** What folded for speed takes at most, in relation to the activations that the network itself holds at a time. */
const residentPart = 3.3;

function isMemoryScarce(network: OnnxModel, shapes: Record<string, readonly number[]>): boolean {
  try {
    return process.availableMemory() < residentPart * measureCost(network, shapes).peakBytes;
  } catch (error) {
    // An operator that we do not know: such a network is not folded at all.
    if (error instanceof OnnxFormatError) return false;
    throw error;
  }
}

function checkChannels({ outputChannels }: NetworkSession, expected: number, model: string): void {
  if (outputChannels === null || outputChannels === expected) return;
  const detail = `the network has ${outputChannels} outputs, the model describes ${expected}`;
  throw new AppFailure({ code: 'model-corrupt', model, detail });
}

function headRunner(
  session: NetworkSession,
  { classes, features }: JoinedHead,
  timed: (work: () => Promise<void>) => Promise<void>,
): ApplyHead {
  let logits = new Float32Array(0);
  return async (input, planes, into) => {
    const voxels = input.length / (planes * features);
    const length = planes * classes * voxels;
    if (logits.length < length) logits = new Float32Array(length);
    const output = logits.subarray(0, length);
    await timed(() => session.run(input, [planes, features, voxels], output, [planes, classes, voxels]));
    // Workers need the logits in shared memory, onnxruntime its own kind.
    into.set(output);
  };
}
