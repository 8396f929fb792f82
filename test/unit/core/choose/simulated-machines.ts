import type { VariantFacts } from '../../../../main/core/choose/choice.ts';
import { describeTask, type SegmentationTask } from '../../../../main/core/choose/segmentation-task.ts';
import type { Gpu, Machine, Provider } from '../../../../main/core/devices/machine.ts';
import type { SegmentationModel } from '../../../../main/core/model/segmentation-model.ts';
import { axialGrid } from '../volume/orientations.ts';

export const gib = 2 ** 30;

/**
 * A network of the paper's 1.5 mm architecture with 118 outputs, and its variants: multiply-accumulates, weights and Dice as the paper gives them after
 * fine-tuning, relative to the full model; about what the activations and the traffic of a 128³ patch come to, folded.
 */
export const ladder: readonly VariantFacts[] = (
  [
    ['full', 1, 478.8, 124.8, 2.2, 15],
    ['DF 0.9', 0.999, 444, 111.7, 2.2, 21],
    ['DF 0.5', 0.99, 147.2, 37, 1.3, 9],
    ['DF 0.3', 0.955, 63.2, 14.8, 1.2, 7],
    ['DF 0.1', 0.57, 24, 2.5, 1.2, 6],
  ] as const
).map(([name, fidelity, gigaMacs, megabytes, activationGb, movedGb]) => ({
  id: name,
  name,
  fidelity,
  providers: ['cpu', 'cuda', 'dml'] as const,
  patch: [128, 128, 128] as const,
  macs: gigaMacs * 1e9,
  movedBytes: movedGb * 1e9,
  activationBytes: activationGb * 1e9,
  weightBytes: megabytes * 1e6,
}));

const model: SegmentationModel = {
  name: 'body 1.5 mm',
  source: 'nnunet',
  channels: [{ name: 'CT', modality: 'CT', normalization: { kind: 'none' } }],
  labels: [],
  decision: { kind: 'argmax', values: Array.from({ length: 118 }, (_, i) => i) },
  orientation: 'SAR',
  transposeForward: [0, 1, 2],
  spacingMm: [1.5, 1.5, 1.5],
  patch: [128, 128, 128],
  tiling: { kind: 'gaussian', step: 0.5 },
  mirrorAxes: [],
  cropToNonzero: true,
  resampling: { kind: 'totalsegmentator', dataOrder: 3 },
  licence: '',
};

/** Thorax and abdomen, 400 × 400 × 458 mm: 305 × 267 × 267 voxels of the network, 64 tiles. */
export const task: SegmentationTask = describeTask(model, axialGrid([458, 512, 512], [1, 0.78125, 0.78125]), {
  folds: 1,
  planeChannels: 32,
  otherSeconds: 20,
});

export function machine(memoryGib: number, gpus: readonly Gpu[], cores = 4): Machine {
  return {
    platform: 'win32',
    osRelease: '10.0.22631',
    cpu: { name: 'Intel Core i5', physicalCores: cores, logicalCores: cores, instructionSets: [] },
    memoryTotalBytes: memoryGib * gib,
    // Windows and a browser.
    memoryAvailableBytes: (memoryGib - 3) * gib,
    gpus,
  };
}

export function card(vendor: Gpu['vendor'], name: string, memoryGib: number): Gpu {
  return {
    name,
    vendor,
    memoryBytes: memoryGib * gib,
    freeBytes: null,
    integrated: false,
    driverVersion: '1.0',
    busAddress: null,
  };
}

export function integrated(vendor: Gpu['vendor'], name: string): Gpu {
  return { ...card(vendor, name, 0.125), integrated: true };
}

export const windows: readonly Provider[] = ['cpu', 'dml'];
