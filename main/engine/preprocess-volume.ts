import { AppFailure } from '../contract/app-error.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import { mergeBoxes } from '../core/segment/1-preprocess/nonzero-box.ts';
import type { Preprocessed } from '../core/segment/1-preprocess/preprocessed.ts';
import { planResampling } from '../core/segment/1-preprocess/plan-resampling.ts';
import { TooManyVoxelsError } from '../core/segment/1-preprocess/resampled-shape.ts';
import { asSplineOrder, SplineOrderError } from '../core/volume/resample/axis-plan.ts';
import { boxShape, type Box } from '../core/volume/box.ts';
import {
  composeOrientations,
  identityOrientation,
  orient,
  orientBox,
  orientVec,
  UnknownOrientationError,
  type Orientation,
} from '../core/volume/orientation.ts';
import { cropView, denseView, orientView } from '../core/volume/strided-view.ts';
import { voxelCount, type Vec3, type Volume, type Voxels } from '../core/volume/volume.ts';
import { normalizationMaps } from './normalization-maps.ts';
import { resampleChannel } from './resample-channel.ts';
import { shareVoxels, sharedFloat32 } from './shared-array.ts';
import { createTaskRunner, type TaskContext, type TaskRunner } from './task-runner.ts';
import { zoomVolumes } from './zoom-volumes.ts';

/**
 * Stage 1: from volumes as they were read to the network's input, as nnU-Net's `DefaultPreprocessor` does it: orient and
 * transpose, crop to nonzero, normalise, resample. No channel is ever held as floats at its full size: slices are
 * normalised and shrunk one at a time, in the worker threads.
 *
 * @param volumes one per channel of the model, all on the grid of the first
 * @throws AppFailure where the model asks for an orientation or interpolation that does not exist, or for more voxels
 *   than fit; rejects when `context.signal` is aborted
 */
export async function preprocessVolumes(
  volumes: readonly Volume[],
  model: SegmentationModel,
  context: TaskContext,
): Promise<Preprocessed> {
  try {
    return await preprocess(volumes, model, context);
  } catch (error) {
    if (error instanceof SplineOrderError || error instanceof UnknownOrientationError) {
      throw new AppFailure({ code: 'model-refused', path: model.name, detail: error.message });
    }
    if (error instanceof TooManyVoxelsError) {
      throw new AppFailure({ code: 'out-of-memory', device: 'cpu', detail: error.message });
    }
    throw error;
  }
}

async function preprocess(
  volumes: readonly Volume[],
  model: SegmentationModel,
  context: TaskContext,
): Promise<Preprocessed> {
  const runner = createTaskRunner(context);
  const { grid } = volumes[0];
  const toNetwork = composeOrientations(orient(grid, model.orientation), {
    permutation: model.transposeForward,
    flips: identityOrientation.flips,
  });
  const read: Channels = {
    voxels: volumes.map((volume) => shareVoxels(volume.voxels)),
    shapeZyx: grid.shapeZyx,
    toNetwork,
    spacingMm: orientVec(grid.spacingZyxMm, toNetwork),
  };
  if (model.resampling.kind === 'nnunet') {
    return cropNormalizeResample(read, model, runner, context.onProgress);
  }

  const order = asSplineOrder(model.resampling.dataOrder);
  const zoomed = await zoomVolumes(read, model.spacingMm, order, runner, context.onProgress);
  const input = await cropNormalizeResample(zoomed, model, runner);
  const wholeShape = orientVec(grid.shapeZyx, toNetwork);
  return {
    ...input,
    croppedShape: wholeShape,
    restore: {
      ...input.restore,
      inputShapeZyx: grid.shapeZyx,
      ...toNetwork,
      box: { start: [0, 0, 0], end: wholeShape },
      zoomed: { shape: orientVec(zoomed.shapeZyx, zoomed.toNetwork), box: input.restore.box },
    },
  };
}

/** The channels of one image, in shared memory, on one grid. */
export interface Channels {
  readonly voxels: readonly Voxels[];
  readonly shapeZyx: Vec3;
  /** From array axes z, y, x to network axes. */
  readonly toNetwork: Orientation;
  /** Network axes. */
  readonly spacingMm: Vec3;
}

async function cropNormalizeResample(
  channels: Channels,
  model: SegmentationModel,
  runner: TaskRunner,
  onProgress?: TaskContext['onProgress'],
): Promise<Preprocessed> {
  const { voxels, shapeZyx, toNetwork, spacingMm } = channels;
  const boxZyx = model.cropToNonzero ? await nonzeroBox(channels, runner) : wholeBox(shapeZyx);
  const { maps, mask } = await normalizationMaps(voxels, shapeZyx, boxZyx, model, runner);

  const croppedShape = orientVec(boxShape(boxZyx), toNetwork);
  const { shape, plans, separate, logitsSeparate } = planResampling(croppedShape, spacingMm, model);
  const data = sharedFloat32(voxels.length * voxelCount(shape));
  const view = orientView(cropView(denseView(shapeZyx), boxZyx), toNetwork);
  const maskView = orientView(denseView(boxShape(boxZyx)), toNetwork);
  const how = { plans, separate, clip: true, truncate: false };
  for (const [channel, { intensity, masked }] of maps.entries()) {
    const source = {
      voxels: voxels[channel],
      view,
      masked: mask !== null && masked ? { mask, view: maskView } : null,
      intensity,
    };
    const out = { data, view: { ...denseView(shape), offset: channel * voxelCount(shape) } };
    await resampleChannel(source, how, out, runner, (part) => onProgress?.(channel + part, voxels.length));
  }
  return {
    data,
    shape,
    croppedShape,
    restore: {
      inputShapeZyx: shapeZyx,
      ...toNetwork,
      box: orientBox(boxZyx, shapeZyx, toNetwork),
      separateZAxis: logitsSeparate,
      resampling: model.resampling,
      zoomed: null,
    },
  };
}

function wholeBox(shape: Vec3): Box {
  return { start: [0, 0, 0], end: shape };
}

/** The box of voxels that are not 0 in some channel; the whole array where there are none. */
async function nonzeroBox({ voxels, shapeZyx }: Channels, runner: TaskRunner): Promise<Box> {
  const boxes = await Promise.all(
    voxels.map((channel) =>
      runner.overRange('findNonzeroBox', shapeZyx[0], (range) => ({
        voxels: channel,
        shapeZyx,
        ...range,
      })),
    ),
  );
  return mergeBoxes(boxes.flat()) ?? wholeBox(shapeZyx);
}
