import type { GpuVendor } from './machine.ts';

/** Whose adapter it is, from what its driver or the PCI list calls maker and model. */
export function gpuVendor(maker: string, model: string): GpuVendor {
  const text = `${maker} ${model}`;
  if (/nvidia|geforce|quadro|\btesla\b/i.test(text)) return 'nvidia';
  if (/advanced micro devices|\bamd\b|\bati\b|radeon|firepro/i.test(text)) return 'amd';
  if (/intel/i.test(text)) return 'intel';
  return 'other';
}

/**
 * Whether an adapter lives in the main memory. Systems do not say so reliably: Windows reports the same kind of memory
 * for both, Linux calls every adapter on the main board one. Intel's are integrated but for Arc A and B cards
 * ("Arc Graphics" without a letter is integrated again); AMD's integrated ones have no model number of a card:
 * "Radeon(TM) Graphics", "Radeon Vega 8 Graphics", "Radeon 780M". NVIDIA's are cards.
 */
export function isIntegrated(vendor: GpuVendor, model: string): boolean {
  switch (vendor) {
    case 'nvidia':
      return false;
    case 'intel':
      return !/\barc(\(tm\))?\s+(pro\s+)?[ab]\d/i.test(model);
    case 'amd':
      return (
        /radeon(\(tm\))?\s+(r[x\d]\s+)?(vega\s+\d+\s+)?(mobile\s+)?graphics/i.test(model) ||
        /radeon(\(tm\))?\s+\d{3}m\b/i.test(model) ||
        /radeon(\(tm\))?\s+8\d{3}s\b/i.test(model)
      );
    case 'other':
      return true;
  }
}
