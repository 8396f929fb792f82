import { describe, expect, it } from 'vitest';
import { gpuVendor, isIntegrated } from '../../../../main/core/devices/gpu-vendor.ts';
import { listDevices } from '../../../../main/core/devices/list-devices.ts';
import type { Gpu, Machine } from '../../../../main/core/devices/machine.ts';

const gib = 2 ** 30;

const machine = (gpus: readonly Gpu[] = []): Machine => ({
  platform: 'win32',
  osRelease: '10.0.22631',
  cpu: { name: 'Intel Core i5-8500', physicalCores: 6, logicalCores: 6, instructionSets: ['avx2'] },
  memoryTotalBytes: 16 * gib,
  memoryAvailableBytes: 10 * gib,
  gpus,
});

const card: Gpu = {
  name: 'NVIDIA GeForce GTX 1650',
  vendor: 'nvidia',
  memoryBytes: 4 * gib,
  freeBytes: 3.5 * gib,
  integrated: false,
  driverVersion: '551.23',
  busAddress: '00000000:02:00.0',
};
const intel: Gpu = {
  name: 'Intel(R) UHD Graphics 630',
  vendor: 'intel',
  memoryBytes: 0.125 * gib,
  freeBytes: null,
  integrated: true,
  driverVersion: '31.0.101.2125',
  busAddress: null,
};

describe('listDevices', () => {
  it('is the CPU alone where no provider runs the GPUs', () => {
    const devices = listDevices(machine([card, intel]), ['cpu']);
    expect(devices).toMatchObject([{ provider: 'cpu', kind: 'cpu', availableBytes: 10 * gib }]);
    expect(devices[0]!.cpu?.instructionSets).toEqual(['avx2']);
  });

  it('gives DirectML every adapter and CUDA its own, in bus order', () => {
    const second = { ...card, name: 'NVIDIA T1000', busAddress: '00000000:01:00.0' };
    expect(listDevices(machine([intel, card]), ['cpu', 'dml'])).toMatchObject([
      { provider: 'dml', deviceId: 0, name: intel.name, kind: 'integrated-gpu' },
      { provider: 'dml', deviceId: 1, name: card.name, kind: 'discrete-gpu' },
      { provider: 'cpu' },
    ]);
    expect(listDevices(machine([intel, card, second]), ['cpu', 'cuda'])).toMatchObject([
      { provider: 'cuda', deviceId: 0, name: 'NVIDIA T1000' },
      { provider: 'cuda', deviceId: 1, name: card.name },
      { provider: 'cpu' },
    ]);
    const both = listDevices(machine([intel, card]), ['cpu', 'cuda', 'dml']);
    expect(both.map(({ provider }) => provider)).toEqual(['cuda', 'dml', 'cpu']);
  });

  it('counts memory: free, presumed free, shared, unknown', () => {
    const [known, presumed, shared, unknown] = listDevices(
      machine([card, { ...card, freeBytes: null }, intel, { ...card, memoryBytes: null, freeBytes: null }]),
      ['dml'],
    );
    expect(known).toMatchObject({ memoryBytes: 4 * gib, availableBytes: 3.5 * gib });
    expect(presumed).toMatchObject({ memoryBytes: 4 * gib, availableBytes: 3.4 * gib });
    // Its own 128 MB and half of 16 GB, of which no more than what is free in the main memory.
    expect(shared).toMatchObject({ memoryBytes: 8.125 * gib, availableBytes: 8.125 * gib });
    expect(unknown).toMatchObject({ memoryBytes: null, availableBytes: null });
    const full = { ...machine([intel]), memoryAvailableBytes: 2 * gib };
    expect(listDevices(full, ['dml'])[0]!.availableBytes).toBe(2 * gib);
  });

  it('gives a device another identity with another driver', () => {
    const keyOf = (gpu: Gpu, osRelease = '10.0.22631') =>
      listDevices({ ...machine([gpu]), osRelease }, ['dml'])[0]!.key;
    expect(keyOf(card)).toBe('dml|0|NVIDIA GeForce GTX 1650|551.23');
    expect(keyOf(card)).toBe(keyOf({ ...card, freeBytes: 1 }));
    expect(keyOf(card)).not.toBe(keyOf({ ...card, driverVersion: '552.00' }));
    const silent = { ...card, driverVersion: null };
    expect(keyOf(silent)).not.toBe(keyOf(silent, '10.0.26100'));
  });
});

describe('gpuVendor and isIntegrated', () => {
  // Names as Windows and lspci give them.
  it.each([
    ['NVIDIA', 'NVIDIA GeForce RTX 3060', 'nvidia', false],
    ['NVIDIA Corporation', 'GA106 [GeForce RTX 3060]', 'nvidia', false],
    ['Intel Corporation', 'Intel(R) UHD Graphics 770', 'intel', true],
    ['Intel Corporation', 'Intel(R) Iris(R) Xe Graphics', 'intel', true],
    ['Intel Corporation', 'Intel(R) Arc(TM) A770 Graphics', 'intel', false],
    ['Intel Corporation', 'Intel(R) Arc(TM) Pro A40 Graphics', 'intel', false],
    ['Intel Corporation', 'Intel(R) Arc(TM) Graphics', 'intel', true],
    ['Advanced Micro Devices, Inc.', 'AMD Radeon RX 6600', 'amd', false],
    ['Advanced Micro Devices, Inc.', 'AMD Radeon RX Vega 56', 'amd', false],
    ['Advanced Micro Devices, Inc.', 'AMD Radeon Pro W6600', 'amd', false],
    ['Advanced Micro Devices, Inc.', 'AMD Radeon(TM) Graphics', 'amd', true],
    ['Advanced Micro Devices, Inc.', 'AMD Radeon(TM) Vega 8 Graphics', 'amd', true],
    ['Advanced Micro Devices, Inc.', 'AMD Radeon(TM) RX Vega 11 Graphics', 'amd', true],
    ['Advanced Micro Devices, Inc.', 'AMD Radeon(TM) 780M', 'amd', true],
    ['ATI Technologies Inc.', 'AMD Radeon(TM) R7 Graphics', 'amd', true],
    ['Microsoft', 'Microsoft Basic Display Adapter', 'other', true],
  ])('%s %s', (maker, model, vendor, integrated) => {
    expect(gpuVendor(maker, model)).toBe(vendor);
    expect(isIntegrated(gpuVendor(maker, model), model)).toBe(integrated);
  });
});
