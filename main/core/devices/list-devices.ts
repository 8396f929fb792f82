import type { Cpu, Gpu, GpuVendor, Machine, Provider } from './machine.ts';

export type DeviceKind = 'cpu' | 'integrated-gpu' | 'discrete-gpu';

/** Something on this computer that a network can run on. */
export interface DeviceFacts {
  /** Identity of hardware, driver and provider: a self-check and measurements belong to it, and end with it. */
  readonly key: string;
  readonly provider: Provider;
  /** The provider's number of the device. */
  readonly deviceId: number;
  readonly name: string;
  readonly vendor: GpuVendor;
  readonly kind: DeviceKind;
  /** What a network could have with nothing else running; null where nobody says. */
  readonly memoryBytes: number | null;
  /** What it can have now; null where nobody says. */
  readonly availableBytes: number | null;
  /** Cores and instruction sets, on the CPU. */
  readonly cpu: Cpu | null;
}

/** Windows lets a graphics adapter use up to half of the main memory. */
const sharedMemoryFraction = 0.5;
/** A desktop and its programs live on the adapter too, where nobody says how much is free. */
const presumedFreeFraction = 0.85;

/**
 * The devices of a machine that one of the providers can use, the CPU last.
 *
 * CUDA runs NVIDIA's adapters, numbered by bus address (the engine has to set `CUDA_DEVICE_ORDER=PCI_BUS_ID`);
 * DirectML runs every adapter, in the order in which Windows lists them. An adapter that both can run is CUDA's.
 */
export function listDevices(machine: Machine, providers: readonly Provider[]): readonly DeviceFacts[] {
  const cuda = providers.includes('cuda') ? byBusAddress(machine.gpus).filter(isNvidia) : [];
  const dml = providers.includes('dml') ? machine.gpus : [];
  return [
    ...cuda.map((gpu, deviceId) => gpuFacts(machine, gpu, 'cuda', deviceId)),
    ...dml.flatMap((gpu, deviceId) => (cuda.includes(gpu) ? [] : [gpuFacts(machine, gpu, 'dml', deviceId)])),
    cpuFacts(machine),
  ];
}

const isNvidia = (gpu: Gpu) => gpu.vendor === 'nvidia';

function byBusAddress(gpus: readonly Gpu[]): readonly Gpu[] {
  return gpus.toSorted((a, b) => compare(a.busAddress ?? '', b.busAddress ?? ''));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function gpuFacts(machine: Machine, gpu: Gpu, provider: Provider, deviceId: number): DeviceFacts {
  return {
    // Without a driver version the system's stands in: drivers come with its updates.
    key: deviceKey([provider, deviceId, gpu.name, gpu.driverVersion ?? machine.osRelease]),
    provider,
    deviceId,
    name: gpu.name,
    vendor: gpu.vendor,
    kind: gpu.integrated ? 'integrated-gpu' : 'discrete-gpu',
    ...(gpu.integrated ? sharedMemory(machine, gpu) : ownMemory(gpu)),
    cpu: null,
  };
}

function sharedMemory(machine: Machine, gpu: Gpu) {
  const reserved = gpu.memoryBytes ?? 0;
  const memoryBytes = reserved + machine.memoryTotalBytes * sharedMemoryFraction;
  return { memoryBytes, availableBytes: Math.min(memoryBytes, machine.memoryAvailableBytes) };
}

function ownMemory({ memoryBytes, freeBytes }: Gpu) {
  const presumed = memoryBytes === null ? null : memoryBytes * presumedFreeFraction;
  return { memoryBytes, availableBytes: freeBytes ?? presumed };
}

function cpuFacts({ cpu, memoryTotalBytes, memoryAvailableBytes }: Machine): DeviceFacts {
  return {
    key: deviceKey(['cpu', cpu.name, cpu.physicalCores]),
    provider: 'cpu',
    deviceId: 0,
    name: cpu.name || 'CPU',
    vendor: 'other',
    kind: 'cpu',
    memoryBytes: memoryTotalBytes,
    availableBytes: memoryAvailableBytes,
    cpu,
  };
}

function deviceKey(parts: readonly (string | number)[]): string {
  return parts.map((part) => String(part).trim().replaceAll('|', '/')).join('|');
}

/** The name of a device, from its key; the device itself may be gone. */
export function deviceNameOf(key: string): string {
  const [provider = '', ...rest] = key.split('|');
  return (provider === 'cpu' ? rest[0] : rest[1]) || provider.toUpperCase();
}
