import type { DeviceFacts } from '../core/devices/list-devices.ts';
import type { Machine } from '../core/devices/machine.ts';
import { describeSelfCheck, type SelfCheckVerdict } from '../core/devices/self-check.ts';
import type { Vec3 } from '../core/volume/volume.ts';
import { findDeviceCheck, listRunMeasurements } from '../db/queries/devices.ts';
import { listModels, listVariants } from '../db/queries/models.ts';
import type { Context } from './context.ts';
import { checkDevices, findHardware, type CheckOptions } from './devices.ts';

/** What is known of a device. */
export interface DeviceReport extends DeviceFacts {
  readonly driverVersion: string | null;
  /** Null where it needs none and had none: the CPU. */
  readonly check: {
    readonly verdict: SelfCheckVerdict;
    readonly words: string;
    readonly checkedAt: string;
  } | null;
  readonly timings: readonly Timing[];
}

/** One run of a variant's network on one tile. */
export interface Timing {
  readonly model: string;
  readonly variant: string;
  readonly tileShape: Vec3;
  readonly seconds: number;
  readonly peakBytes: number | null;
}

/** The machine, and its devices with verdict and timings; what needs a check and had none is checked. */
export async function reportDevices(
  context: Context,
  options: CheckOptions,
): Promise<{ readonly machine: Machine; readonly devices: readonly DeviceReport[] }> {
  const { machine, devices } = await findHardware(context, options.signal);
  await checkDevices(context, devices, options);
  return {
    machine,
    devices: devices.map((facts) => ({
      ...facts,
      driverVersion: machine.gpus.find(({ name }) => name === facts.name)?.driverVersion ?? null,
      check: checkOf(context, facts.key),
      timings: timingsOf(context, facts.key),
    })),
  };
}

function checkOf({ db, appVersion }: Context, key: string): DeviceReport['check'] {
  const check = findDeviceCheck(db, key, appVersion);
  if (!check) return null;
  const { verdict, checkedAt } = check;
  return { verdict, words: describeSelfCheck(verdict), checkedAt };
}

function timingsOf({ db, appVersion }: Context, key: string): readonly Timing[] {
  const variants = listModels(db).flatMap(({ id }) => listVariants(db, id));
  return listRunMeasurements(db, appVersion).flatMap(
    ({ deviceKey, variantId, tileShape, seconds, peakBytes }) => {
      const variant = variants.find(({ id }) => id === variantId);
      if (deviceKey !== key || !variant) return [];
      return [{ model: variant.modelId, variant: variant.name, tileShape, seconds, peakBytes }];
    },
  );
}
