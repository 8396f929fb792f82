import os from 'node:os';
import { cpu, graphics, mem, type Systeminformation } from 'systeminformation';
import { gpuVendor, isIntegrated } from '../../main/core/devices/gpu-vendor.ts';
import type { Cpu, Gpu, Machine } from '../../main/core/devices/machine.ts';
import { readWindowsDrivers, type DriverVersions } from './windows-drivers.ts';

/**
 * Looks for GPUs, CPU and memory. Nothing is tried, and nothing is asked over a network: of systeminformation only
 * what reads files, the registry and local tools (lspci, nvidia-smi, clinfo; PowerShell's CIM) is called. Its
 * `osInfo` is not, because it runs `hostname -f`, which may ask a name server. What cannot be found out is null or
 * left out; this function does not throw. Takes seconds and blocks its thread for part of them: never the window's.
 */
export async function detectMachine(): Promise<Machine> {
  const [processor, memory, controllers, drivers] = await Promise.all([
    cpu().catch(() => null),
    mem().catch(() => null),
    withoutDisplay(() => graphics().then((found) => found?.controllers ?? [])).catch(() => []),
    os.platform() === 'win32' ? readWindowsDrivers() : new Map<string, string>(),
  ]);
  const total = positive(memory?.total) ?? os.totalmem();
  return {
    platform: os.platform(),
    osRelease: os.release(),
    cpu: describeCpu(processor),
    memoryTotalBytes: total,
    memoryAvailableBytes: Math.min(total, positive(memory?.available) ?? os.freemem()),
    gpus: describeGpus(controllers, drivers),
  };
}

/**
 * `graphics` asks the X server about monitors, and over `ssh -X` or with DISPLAY=host:0 that is a connection to
 * another computer. Adapters are found without it. The engine, where this runs, has no other use for DISPLAY.
 */
async function withoutDisplay<T>(work: () => Promise<T>): Promise<T> {
  const display = process.env.DISPLAY;
  delete process.env.DISPLAY;
  try {
    return await work();
  } finally {
    if (display !== undefined) process.env.DISPLAY = display;
  }
}

function describeCpu(found: Systeminformation.CpuData | null): Cpu {
  const logical = os.cpus();
  const logicalCores = positive(found?.cores) ?? Math.max(1, logical.length);
  const name = [found?.manufacturer, found?.brand].filter(Boolean).join(' ') || (logical[0]?.model ?? '');
  return {
    name: name.trim(),
    physicalCores: positive(found?.physicalCores) ?? logicalCores,
    logicalCores,
    instructionSets: (found?.flags ?? '').toLowerCase().split(/\s+/).filter(Boolean),
  };
}

const bytesPerMegabyte = 2 ** 20;

/** Adapters of makers whose hardware computes; what remote desktops and virtual machines show is left out. */
export function describeGpus(
  controllers: readonly Systeminformation.GraphicsControllerData[],
  drivers: DriverVersions,
): readonly Gpu[] {
  return controllers.flatMap((controller) => {
    const name = (controller.name || controller.model || '').trim();
    const vendor = gpuVendor(controller.vendor ?? '', name);
    if (vendor === 'other') return [];
    const megabytes = positive(controller.memoryTotal) ?? positive(controller.vram);
    const freeMegabytes = controller.memoryFree ?? null;
    const gpu: Gpu = {
      name,
      vendor,
      memoryBytes: megabytes && megabytes * bytesPerMegabyte,
      freeBytes: freeMegabytes === null ? null : freeMegabytes * bytesPerMegabyte,
      integrated: isIntegrated(vendor, name),
      driverVersion: controller.driverVersion || drivers.get(name) || null,
      busAddress: controller.pciBus || controller.busAddress || null,
    };
    return [gpu];
  });
}

function positive(value: number | null | undefined): number | null {
  return typeof value === 'number' && value > 0 ? value : null;
}
