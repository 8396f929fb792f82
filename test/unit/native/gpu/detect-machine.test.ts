import type { Systeminformation } from 'systeminformation';
import { describe, expect, it } from 'vitest';
import { describeGpus } from '../../../../native/gpu/detect-machine.ts';
import { parseDrivers } from '../../../../native/gpu/windows-drivers.ts';

type Controller = Systeminformation.GraphicsControllerData;
const controller = (facts: Partial<Controller>): Controller => ({
  vendor: '',
  model: '',
  bus: 'PCI',
  vram: null,
  vramDynamic: false,
  ...facts,
});

const printed = [
  '',
  'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}\\0000',
  '    DriverDate    REG_SZ    3-24-2023',
  '    DriverVersion    REG_SZ    31.0.101.2125',
  '    DriverDesc    REG_SZ    Intel(R) UHD Graphics 630',
  '',
  'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}\\0001',
  '    DriverDesc    REG_SZ    AMD Radeon RX 6600',
  '    DriverVersion    REG_SZ    31.0.24002.92',
  '',
  'End of search: 5 match(es) found.',
].join('\r\n');

describe('describeGpus', () => {
  it('takes the name, memory and driver that nvidia-smi tells', () => {
    const found = controller({
      vendor: 'NVIDIA Corporation',
      model: 'GA106 [GeForce RTX 3060]',
      name: 'NVIDIA GeForce RTX 3060',
      vram: 256,
      memoryTotal: 12288,
      memoryFree: 0,
      driverVersion: '550.54',
      pciBus: '00000000:01:00.0',
    });
    expect(describeGpus([found], new Map())).toEqual([
      {
        name: 'NVIDIA GeForce RTX 3060',
        vendor: 'nvidia',
        memoryBytes: 12 * 2 ** 30,
        freeBytes: 0,
        integrated: false,
        driverVersion: '550.54',
        busAddress: '00000000:01:00.0',
      },
    ]);
  });

  it('adds the driver of the registry, and leaves out what does not compute', () => {
    const gpus = describeGpus(
      [
        controller({ vendor: 'Intel Corporation', model: 'Intel(R) UHD Graphics 630', vram: 128 }),
        controller({ vendor: 'Microsoft', model: 'Microsoft Remote Display Adapter', bus: '' }),
        controller({ vendor: 'Advanced Micro Devices, Inc.', model: 'AMD Radeon RX 6600' }),
      ],
      parseDrivers(printed),
    );
    expect(gpus).toMatchObject([
      { vendor: 'intel', integrated: true, memoryBytes: 2 ** 27, driverVersion: '31.0.101.2125' },
      {
        vendor: 'amd',
        integrated: false,
        memoryBytes: null,
        freeBytes: null,
        driverVersion: '31.0.24002.92',
      },
    ]);
  });
});

describe('parseDrivers', () => {
  it('reads nothing from nothing', () => {
    expect(parseDrivers('').size).toBe(0);
    expect(parseDrivers('ERROR: Access is denied.\r\n').size).toBe(0);
  });
});
