import { AppFailure } from '../contract/app-error.ts';
import type { Device } from '../contract/engine-protocol.ts';

export const deviceNames = ['auto', 'cpu', 'cuda', 'dml'] as const;

const devices: Readonly<Record<string, Device>> = {
  cpu: { provider: 'cpu', deviceId: 0, name: 'cpu' },
  cuda: { provider: 'cuda', deviceId: 0, name: 'cuda' },
  dml: { provider: 'dml', deviceId: 0, name: 'dml' },
};

/**
 * The device of a name. `auto` is the CPU: no GPU is trusted before its answers were checked against the CPU's, so
 * one runs only where it is named. Throws AppFailure `usage`.
 */
export function chooseDevice(name: string): Device {
  const device = devices[name === 'auto' ? 'cpu' : name];
  if (!device) {
    throw new AppFailure({
      code: 'usage',
      detail: `There is no device ${name}; choose ${deviceNames.join(', ')}.`,
    });
  }
  return device;
}
