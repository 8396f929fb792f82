import type { Machine, Provider } from '../core/devices/machine.ts';
import type { SelfCheckVerdict } from '../core/devices/self-check.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import type { Vec3 } from '../core/volume/volume.ts';
import type { Device, NetworkSource } from './engine-protocol.ts';

/** What this computer has, and what of it onnxruntime can use. */
export interface InspectMachine {
  readonly request: { readonly jobId: string };
  readonly answer: Inspection;
}

export interface Inspection {
  readonly machine: Machine;
  readonly providers: readonly Provider[];
}

/** Whether a device computes what the CPU does. */
export interface CheckDevice {
  readonly request: { readonly jobId: string; readonly device: Device };
  readonly answer: SelfCheckVerdict;
}

/** What a network takes on a device: the fastest of a few runs. */
export interface TimeNetwork {
  readonly request: TimeNetworkRequest;
  readonly answer: NetworkTiming;
}

export interface TimeNetworkRequest {
  readonly jobId: string;
  /** ONNX file of one fold. */
  readonly network: NetworkSource;
  readonly model: SegmentationModel;
  readonly tileShape: Vec3;
  readonly device: Device;
}

export interface NetworkTiming {
  readonly seconds: number;
  /** What the network took at most, weights included; null where nobody can tell. */
  readonly peakBytes: number | null;
}
