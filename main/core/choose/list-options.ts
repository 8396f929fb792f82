import type { DeviceFacts } from '../devices/list-devices.ts';
import { voxelCount, type Vec3 } from '../volume/volume.ts';
import type { Basis, ChoiceInput, VariantFacts } from './choice.ts';
import { expectRun } from './expect-run.ts';
import { countTiles, tileVoxels } from './segmentation-task.ts';

/** One way to run the task. */
export interface Option {
  readonly variant: VariantFacts;
  readonly device: DeviceFacts;
  readonly tileShape: Vec3;
  /** Place of the tile in `SegmentationTask.tileShapes`. */
  readonly tileRank: number;
  readonly seconds: number;
  readonly secondsBasis: Basis;
  readonly bytes: number;
  readonly bytesBasis: Basis;
  /** Needed with the margin, and there, where memory is scarcest for it. Unknown memory counts as unlimited. */
  readonly neededBytes: number;
  readonly usableBytes: number;
  readonly state: 'possible' | 'too-large' | 'ran-out-of-memory';
}

type OptionInput = Pick<
  ChoiceInput,
  'variants' | 'measurements' | 'failures' | 'task' | 'hostAvailableBytes' | 'policy'
>;

/** Every tile shape of a variant on a device, with what it takes and whether it fits. */
export function listOptions(
  input: OptionInput,
  device: DeviceFacts,
  variant: VariantFacts,
): readonly Option[] {
  const { task, measurements, variants } = input;
  return task.tileShapes.map((tileShape, tileRank) => {
    const voxels = tileVoxels(task.networkShape, tileShape, task.tiling);
    const run = expectRun(device, variant, voxels, measurements, variants);
    const tiles = countTiles(task.networkShape, tileShape, task.tiling);
    const memory = weighMemory(input, device, variant, run.bytes);
    const fits = memory.neededBytes <= memory.usableBytes;
    return {
      variant,
      device,
      tileShape,
      tileRank,
      seconds: task.otherSeconds + tiles * task.runsPerTile * run.seconds,
      secondsBasis: run.secondsBasis,
      bytesBasis: run.bytesBasis,
      ...memory,
      state: hasFailed(input, device, variant, tileShape)
        ? 'ran-out-of-memory'
        : fits
          ? 'possible'
          : 'too-large',
    };
  });
}

/** A run that ended for want of memory would do so again, and with any larger tile too. */
function hasFailed(
  { failures }: OptionInput,
  device: DeviceFacts,
  variant: VariantFacts,
  tileShape: Vec3,
): boolean {
  return failures.some(
    (failure) =>
      failure.deviceKey === device.key &&
      failure.variantId === variant.id &&
      voxelCount(tileShape) >= voxelCount(failure.tileShape),
  );
}

/** A card holds the network, the main memory the rest and, while it is loaded, the weights; elsewhere all share one memory. */
function weighMemory(
  { task, hostAvailableBytes, policy }: OptionInput,
  { kind, availableBytes }: DeviceFacts,
  { weightBytes }: VariantFacts,
  runBytes: number,
): Pick<Option, 'bytes' | 'neededBytes' | 'usableBytes'> {
  const withMargin = 1 + policy.memoryMargin;
  const onDevice = { neededBytes: runBytes * withMargin, usableBytes: availableBytes ?? Infinity };
  const hostBytes = task.hostBytes + (kind === 'discrete-gpu' ? weightBytes : runBytes);
  const onHost = { neededBytes: hostBytes * withMargin, usableBytes: hostAvailableBytes };
  const spare = (memory: typeof onHost) => memory.usableBytes - memory.neededBytes;
  return {
    bytes: kind === 'discrete-gpu' ? runBytes : hostBytes,
    ...(kind !== 'cpu' && spare(onDevice) < spare(onHost) ? onDevice : onHost),
  };
}
