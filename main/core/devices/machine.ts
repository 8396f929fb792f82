/** What can run a network: onnxruntime's execution providers, as the engine's messages name them. */
export type Provider = 'cpu' | 'cuda' | 'dml';

export type GpuVendor = 'nvidia' | 'amd' | 'intel' | 'other';

/** One graphics adapter, as the operating system describes it. */
export interface Gpu {
  readonly name: string;
  readonly vendor: GpuVendor;
  /** Its own memory; null where nobody says. Of an integrated one the little that is reserved for it. */
  readonly memoryBytes: number | null;
  /** Of `memoryBytes`, not taken at the moment; null where nobody says. */
  readonly freeBytes: number | null;
  /** Lives in the main memory. */
  readonly integrated: boolean;
  readonly driverVersion: string | null;
  /** PCI bus address, where known; CUDA numbers its devices in that order. */
  readonly busAddress: string | null;
}

export interface Cpu {
  readonly name: string;
  readonly physicalCores: number;
  readonly logicalCores: number;
  /** As the system lists them, lower case: `avx2`, `fma`, `avx512f`, `avx512_vnni`. */
  readonly instructionSets: readonly string[];
}

/** The hardware of this computer as found, before anything of it has been tried. */
export interface Machine {
  /** `linux`, `win32`, `darwin`. */
  readonly platform: string;
  /** Kernel or Windows build; part of a device's identity where its driver tells no version. */
  readonly osRelease: string;
  readonly cpu: Cpu;
  readonly memoryTotalBytes: number;
  /** What programs can still get without swapping. */
  readonly memoryAvailableBytes: number;
  readonly gpus: readonly Gpu[];
}
