import type { Context } from '../services/context.ts';
import { reportDevices } from '../services/device-reports.ts';
import { findHardware } from '../services/devices.ts';
import type { Handlers } from './bind.ts';

export function deviceHandlers(context: Context) {
  return {
    'devices.report': async (again) => {
      const { machine, devices } = await reportDevices(context, { again });
      const { providers } = await findHardware(context);
      return { machine, providers, devices };
    },
  } satisfies Partial<Handlers>;
}
