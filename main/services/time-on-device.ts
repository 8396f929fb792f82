import type { NetworkTiming } from '../contract/device-requests.ts';
import type { DeviceFacts } from '../core/devices/list-devices.ts';
import type { NetworkSource } from '../contract/engine-protocol.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import type { Vec3 } from '../core/volume/volume.ts';
import type { Context } from './context.ts';
import { asEngineDevice } from './devices.ts';

export interface TimeOrder {
  /** ONNX file of one fold. */
  readonly network: NetworkSource;
  readonly model: SegmentationModel;
  readonly tileShape: Vec3;
  readonly device: DeviceFacts;
}

/** Times a run of a network in an engine of its own, which tells the memory of this network only. Throws AppFailure. */
export async function timeOnDevice(
  context: Context,
  { device, ...order }: TimeOrder,
  signal: AbortSignal | undefined,
): Promise<NetworkTiming> {
  const engine = context.startEngine();
  try {
    const request = { jobId: context.newId(), ...order, device: asEngineDevice(device) };
    return await engine.ask('time-network', request, { signal });
  } finally {
    await engine.close();
  }
}
