import type { DeviceFacts } from '../devices/list-devices.ts';
import type { Basis, RunMeasurement, VariantFacts } from './choice.ts';

/** What one run of a network on one tile is expected to take. */
export interface ExpectedRun {
  readonly seconds: number;
  readonly secondsBasis: Basis;
  /** The network's, where it runs. */
  readonly bytes: number;
  readonly bytesBasis: Basis;
}

/** How fast a kind of device computes and moves data, in multiply-accumulates and bytes a second. */
interface Speed {
  readonly macs: number;
  readonly bytes: number;
}

/** Memory a provider takes for itself, and what it holds for each byte of live activations (workspaces, arena). */
interface Footprint {
  readonly base: number;
  readonly perActivationByte: number;
}

const giga = 1e9;
const mebi = 2 ** 20;

/**
 * Slow ends of their classes, so that an estimate promises too little rather than too much. Of cards: seconds =
 * macs / a + bytes / b through published forward passes of the paper's 1.5 mm network and its DF 0.4 (GTX 1660, 346 and
 * 210 ms; about 15 GB moved), less a third. Of the CPU: the same through onnxruntime's on two AVX2 cores, 6.95 s for
 * 479 GMAC and 1.32 s for 24. Of integrated graphics: a tenth and a quarter of a card, which is a guess.
 */
const gpuSpeeds = {
  'discrete-gpu': { macs: 2000 * giga, bytes: 60 * giga },
  'integrated-gpu': { macs: 200 * giga, bytes: 15 * giga },
} as const;
const cpuMacsPerCore = 40 * giga;
const cpuBytes = 10 * giga;
/** Convolutions stop growing faster with cores beyond this many. */
const usefulCores = 16;

const footprints: Readonly<Record<DeviceFacts['provider'], Footprint>> = {
  cpu: { base: 150 * mebi, perActivationByte: 1.4 },
  cuda: { base: 600 * mebi, perActivationByte: 2 },
  dml: { base: 300 * mebi, perActivationByte: 2 },
};

/**
 * Expects what was measured for this device, variant and number of voxels; otherwise a model of the device's kind,
 * multiplied by how far that was off for the run of the same device that is most like this one.
 *
 * @param voxels of the tile
 * @param variants among them those that were measured
 */
export function expectRun(
  device: DeviceFacts,
  variant: VariantFacts,
  voxels: number,
  measurements: readonly RunMeasurement[],
  variants: readonly VariantFacts[],
): ExpectedRun {
  const runs = runsOn(device, measurements, variants);
  const own = runs.filter((run) => run.variant.id === variant.id);
  return {
    ...expectSeconds(device, variant, voxels, own.length > 0 ? own : runs),
    ...expectBytes(device, variant, voxels, own),
  };
}

interface KnownRun {
  readonly variant: VariantFacts;
  readonly voxels: number;
  readonly seconds: number;
  readonly peakBytes: number | null;
}

/** Measured runs of a device, as often as a device and variant were benched the last one first. */
function runsOn(
  device: DeviceFacts,
  measurements: readonly RunMeasurement[],
  variants: readonly VariantFacts[],
): readonly KnownRun[] {
  return measurements
    .flatMap(({ deviceKey, variantId, tileShape, seconds, peakBytes }) => {
      const variant = variants.find(({ id }) => id === variantId);
      const usable = deviceKey === device.key && variant && seconds > 0 && Number.isFinite(seconds);
      return usable ? [{ variant, voxels: product(tileShape), seconds, peakBytes }] : [];
    })
    .toReversed();
}

function expectSeconds(
  device: DeviceFacts,
  variant: VariantFacts,
  voxels: number,
  runs: readonly KnownRun[],
): Pick<ExpectedRun, 'seconds' | 'secondsBasis'> {
  const modelled = modelSeconds(device, variant, voxels);
  const work = Math.log(workOf(variant, voxels));
  const unlikeness = (run: KnownRun) => Math.abs(Math.log(workOf(run.variant, run.voxels)) - work);
  const closest = runs.reduce<KnownRun | null>(
    (best, run) => (best === null || unlikeness(run) < unlikeness(best) ? run : best),
    null,
  );
  if (!closest) return { seconds: modelled, secondsBasis: 'estimated' };
  if (closest.variant.id === variant.id && closest.voxels === voxels) {
    return { seconds: closest.seconds, secondsBasis: 'measured' };
  }
  const factor = closest.seconds / modelSeconds(device, closest.variant, closest.voxels);
  return { seconds: modelled * factor, secondsBasis: 'estimated' };
}

function workOf(variant: VariantFacts, voxels: number): number {
  return Math.max(1, variant.macs) * patchShare(variant, voxels);
}

/** Costs of convolutional networks grow with the voxels of the tile. */
function patchShare(variant: VariantFacts, voxels: number): number {
  return voxels / product(variant.patch);
}

function modelSeconds(device: DeviceFacts, variant: VariantFacts, voxels: number): number {
  const speed = speedOf(device);
  return patchShare(variant, voxels) * (variant.macs / speed.macs + variant.movedBytes / speed.bytes);
}

function speedOf({ kind, cpu }: DeviceFacts): Speed {
  if (kind !== 'cpu') return gpuSpeeds[kind];
  const cores = Math.min(usefulCores, cpu?.physicalCores ?? 1);
  return { macs: cores * cpuMacsPerCore * instructionFactor(cpu?.instructionSets ?? []), bytes: cpuBytes };
}

/** Windows tells no instruction set newer than SSE2, so only a list with AVX in it says that AVX2 is missing. */
function instructionFactor(instructionSets: readonly string[]): number {
  if (instructionSets.includes('avx512f')) return 1.5;
  return instructionSets.includes('avx') && !instructionSets.includes('avx2') ? 0.4 : 1;
}

function expectBytes(
  { provider }: DeviceFacts,
  variant: VariantFacts,
  voxels: number,
  own: readonly KnownRun[],
): Pick<ExpectedRun, 'bytes' | 'bytesBasis'> {
  const { base, perActivationByte } = footprints[provider];
  const fixed = base + variant.weightBytes;
  const known = own.filter(({ peakBytes }) => peakBytes !== null);
  const same = known.find((run) => run.voxels === voxels);
  if (same?.peakBytes) return { bytes: same.peakBytes, bytesBasis: 'measured' };
  const [other] = known;
  const activations = other?.peakBytes
    ? (Math.max(0, other.peakBytes - fixed) * voxels) / other.voxels
    : perActivationByte * variant.activationBytes * patchShare(variant, voxels);
  return { bytes: fixed + activations, bytesBasis: 'estimated' };
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
