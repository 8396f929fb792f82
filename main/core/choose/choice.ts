import type { DeviceFacts } from '../devices/list-devices.ts';
import type { Provider } from '../devices/machine.ts';
import type { SelfCheckFailure, SelfCheckVerdict } from '../devices/self-check.ts';
import type { Vec3 } from '../volume/volume.ts';
import type { SegmentationTask } from './segmentation-task.ts';

/** What is known of one variant of a model; costs are those of one run on `patch`, from the graph. */
export interface VariantFacts {
  readonly id: string;
  readonly name: string;
  /** Mean Dice against the full model, 1 for that itself; null where it was never evaluated. */
  readonly fidelity: number | null;
  /** Where it runs and pays: int8 on the CPU, fp16 on GPUs. */
  readonly providers: readonly Provider[];
  readonly patch: Vec3;
  readonly macs: number;
  /** Read and written by its operators. */
  readonly movedBytes: number;
  /** Largest sum of activations that live at once. */
  readonly activationBytes: number;
  readonly weightBytes: number;
}

/** A device, and what its self-check said; null where there was none yet. The CPU needs none. */
export interface CheckedDevice {
  readonly facts: DeviceFacts;
  readonly verdict: SelfCheckVerdict | null;
}

/** A benchmark of one run. */
export interface RunMeasurement {
  readonly deviceKey: string;
  readonly variantId: string;
  readonly tileShape: Vec3;
  readonly seconds: number;
  /** What the network took at most where it ran; null where nobody could tell. */
  readonly peakBytes: number | null;
}

/** A run that ended for want of memory. */
export interface MemoryFailure {
  readonly deviceKey: string;
  readonly variantId: string;
  readonly tileShape: Vec3;
}

export interface ChoicePolicy {
  /** For the whole segmentation; null for no wish. A wish: where nothing meets it, the fastest is taken. */
  readonly maxSeconds: number | null;
  /** Part that is kept free on top of what a variant is expected to need. */
  readonly memoryMargin: number;
  /** Variants less faithful than this are never chosen unless asked for. */
  readonly fidelityFloor: number;
  /** Asked for by the user; null to choose. */
  readonly variantId: string | null;
  readonly deviceKey: string | null;
}

export const defaultPolicy: ChoicePolicy = {
  maxSeconds: 600,
  memoryMargin: 0.2,
  fidelityFloor: 0.95,
  variantId: null,
  deviceKey: null,
};

export interface ChoiceInput {
  readonly variants: readonly VariantFacts[];
  readonly devices: readonly CheckedDevice[];
  readonly measurements: readonly RunMeasurement[];
  readonly failures: readonly MemoryFailure[];
  readonly task: SegmentationTask;
  /** Main memory that programs can still get. */
  readonly hostAvailableBytes: number;
  readonly policy: ChoicePolicy;
}

/** Where a figure comes from: a benchmark of this very run, or an estimate from others or from the kind of device. */
export type Basis = 'measured' | 'estimated';

export interface Choice {
  readonly kind: 'choice';
  readonly variant: VariantFacts;
  readonly device: DeviceFacts;
  /** Nominal: a margin-tiled volume that is smaller is one smaller tile. */
  readonly tileShape: Vec3;
  /** For the whole segmentation. */
  readonly expectedSeconds: number;
  readonly secondsBasis: Basis;
  /** Where the network runs; in the main memory with what the segmentation holds there besides. */
  readonly expectedBytes: number;
  readonly bytesBasis: Basis;
  readonly reason: ChoiceReason;
}

/** Why this one. Data only: `describeChoice` makes the sentence. */
export interface ChoiceReason {
  readonly code:
    /** No variant is more faithful. */
    | 'most-faithful'
    /** The most faithful of those that fit and are done in time. */
    | 'most-faithful-possible'
    /** Nothing is done in time; the fastest. */
    | 'fastest'
    /** The user named variant or device. */
    | 'asked-for';
  /** The most faithful variant, where that is not the chosen one, and what kept it from being chosen. */
  readonly passedOver: PassedOver | null;
  /** The tile is not the model's own patch. */
  readonly smallerTile: boolean;
  /** Only a variant that was asked for can be under the floor, or its fidelity unknown. */
  readonly faithfulEnough: 'yes' | 'no' | 'unknown';
  /** Only a device that was asked for can be unchecked. */
  readonly deviceChecked: boolean;
  readonly maxSeconds: number | null;
  readonly inTime: boolean;
  /** Devices that failed their self-check. */
  readonly setAside: readonly { readonly device: string; readonly failure: SelfCheckFailure }[];
}

export type PassedOver = { readonly variant: string } & (
  | { readonly because: 'memory'; readonly neededBytes: number; readonly usableBytes: number }
  | { readonly because: 'time'; readonly seconds: number }
  | { readonly because: 'ran-out-of-memory' }
  | { readonly because: 'no-device' }
);

/** Nothing can be chosen. */
export type Refusal = { readonly kind: 'refusal' } & (
  | { readonly code: 'no-variants' }
  | { readonly code: 'no-device' }
  | { readonly code: 'unknown-variant'; readonly variantId: string }
  | { readonly code: 'unknown-device'; readonly deviceKey: string }
  | { readonly code: 'device-set-aside'; readonly device: string; readonly failure: SelfCheckFailure }
  | { readonly code: 'wrong-provider'; readonly variant: string; readonly device: string }
  | { readonly code: 'below-floor'; readonly best: number | null; readonly floor: number }
  | {
      readonly code: 'too-little-memory';
      readonly variant: string;
      readonly device: string;
      readonly neededBytes: number;
      readonly usableBytes: number;
    }
  | { readonly code: 'ran-out-of-memory' }
);
