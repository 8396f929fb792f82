import { z } from 'zod';
import type { DeviceFacts } from '../../core/devices/list-devices.ts';
import type { Machine, Provider } from '../../core/devices/machine.ts';
import type { SelfCheckVerdict } from '../../core/devices/self-check.ts';
import type { Vec3 } from '../../core/volume/volume.ts';
import { invoke } from './channel.ts';

/** What can run networks here, whether it gives right results, and how fast it was. */
export const deviceChannels = {
  /** `true` checks every device again, the processor too; otherwise what was never checked. */
  'devices.report': invoke<DevicesView>()(z.boolean()),
} as const;

export interface DevicesView {
  readonly machine: Machine;
  /** onnxruntime's execution providers that this build has and whose libraries are there. */
  readonly providers: readonly Provider[];
  readonly devices: readonly DeviceView[];
}

export interface DeviceView extends DeviceFacts {
  readonly driverVersion: string | null;
  /** Null where it needs none and had none: the processor. */
  readonly check: { readonly verdict: SelfCheckVerdict; readonly checkedAt: string } | null;
  readonly timings: readonly DeviceTiming[];
}

/** One run of a variant's network on one tile. */
export interface DeviceTiming {
  readonly model: string;
  readonly variant: string;
  readonly tileShape: Vec3;
  readonly seconds: number;
  readonly peakBytes: number | null;
}
