import type { VolumeRef, VolumeView } from '../../main/contract/ipc/study-channels.ts';
import type { Vec3 } from '../../main/core/volume/volume.ts';
import { ask } from '../api.ts';
import { decideTexture, type GpuFacts, type Reduction, type TexturePlan } from './decide-texture.ts';
import { gatherGpuFacts } from './gpu-facts.ts';
import { VoxelTypeTooNarrow } from './load-planes.ts';
import {
  listMeasurements,
  onMeasurements,
  putMeasurements,
  takeMeasurements,
  type KeptMeasurements,
  type Measurement,
} from './measurements.ts';
import { percentileWindow } from './percentiles.ts';
import type { PlaneState } from './plane-viewport.ts';
import type { PlaneName, ViewName } from './planes.ts';
import type { LeftTool } from './tools.ts';
import { Viewer, type SlabBlend } from './viewer.ts';
import { volumePresetsOf, type VolumePresetName } from './volume-presets.ts';
import type { WindowLevel } from './window-level.ts';
import { firstWindow, presetsOf } from './window-presets.ts';

export type Elements = Readonly<Record<ViewName, HTMLDivElement>>;
export type Failure =
  { readonly kind: 'no-webgl2' | 'context-lost' } | { readonly kind: 'error'; readonly error: unknown };

/** What is on screen, as components see it; what they want done goes through it too, so that both stay the same. */
class Viewing {
  /** null while nothing is open. */
  viewer = $state.raw<Viewer | null>(null);
  view = $state.raw<VolumeView | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Why less is shown than the study holds. */
  reductions = $state.raw<readonly Reduction[]>([]);
  planesLoaded = $state(0);
  isComplete = $state(false);
  /** The voxel z, y, x that all planes go through. */
  cursor = $state.raw<Vec3>([0, 0, 0]);
  window = $state.raw<WindowLevel>({ center: 0, width: 1 });
  tool = $state<LeftTool | null>('cursor');
  slab = $state.raw<{ readonly mm: number; readonly blend: SlabBlend }>({ mm: 0, blend: 'max' });
  planes = $state.raw<Readonly<Partial<Record<PlaneName, PlaneState>>>>({});
  measurements = $state.raw<readonly Measurement[]>([]);
  shows3d = $state(false);
  preset3d = $state<VolumePresetName>('surface');
  /** No graphics card: the 3D view is then slow, and waits to be asked for. */
  isSoftware = $state(false);
  #openings = 0;
  /** A reader's own window is left alone. */
  windowIsChosen = $state(false);
  #end: (() => void) | null = null;
  /** What was measured on volumes since the program was started, by volume. */
  #measured = new Map<string, KeptMeasurements>();

  /** Opens a volume in these elements, in place of what was there. Failures become `failure`. */
  async open(ref: VolumeRef, elements: Elements): Promise<void> {
    this.close();
    performance.mark('viewer.open');
    const opening = this.#openings;
    const isCurrent = (): boolean => opening === this.#openings;
    try {
      const view = await ask('volumes.open', ref);
      if (!isCurrent()) return;
      this.view = view;
      const gpu = gatherGpuFacts();
      this.isSoftware = gpu.isSoftware;
      this.preset3d = volumePresetsOf(view.modality)[0]!;
      this.#end = onMeasurements(() => (this.measurements = listMeasurements()));
      await this.#show(view, view.voxelType, gpu, elements, isCurrent);
    } catch (error) {
      if (isCurrent()) this.failure = { kind: 'error', error };
    }
  }

  close(): void {
    this.#openings++;
    this.#end?.();
    this.#end = null;
    this.#destroyViewer();
    this.view = null;
    this.failure = null;
    this.reductions = [];
    this.planesLoaded = 0;
    this.isComplete = false;
    this.planes = {};
    this.measurements = [];
    this.shows3d = false;
    this.slab = { mm: 0, blend: 'max' };
    this.windowIsChosen = false;
  }

  setTool(tool: LeftTool | null): void {
    this.tool = tool;
    this.viewer?.setTool(tool);
  }

  setWindow(window: WindowLevel): void {
    this.windowIsChosen = true;
    this.viewer?.setWindow(window);
  }

  /** A window from what is in the image. */
  percentileWindow(low: number, high: number): WindowLevel {
    return percentileWindow(this.viewer?.sample() ?? new Float32Array(), low, high);
  }

  setSlab(mm: number, blend: SlabBlend): void {
    this.slab = { mm, blend };
    this.viewer?.setSlab(mm, blend);
  }

  show3d(isShown: boolean): void {
    this.shows3d = isShown;
    const volume = this.viewer?.volume3d;
    if (isShown) {
      // Long steps on a processor, which draws a thousand times fewer of them than a card.
      volume?.setCoarseness(this.isSoftware ? 4 : 1);
      volume?.setPreset(this.preset3d, this.window);
    }
    volume?.setVisible(isShown);
  }

  setPreset3d(preset: VolumePresetName): void {
    this.preset3d = preset;
    this.viewer?.volume3d.setPreset(preset, this.window);
  }

  /** Everything as it was first shown, but what was measured stays. */
  reset(): void {
    if (!this.viewer || !this.view) return;
    this.setSlab(0, 'max');
    this.viewer.resetCameras();
    this.viewer.volume3d.reset();
    this.viewer.setWindow(this.#defaultWindow(this.view));
    this.windowIsChosen = false;
  }

  async #show(
    view: VolumeView,
    voxelType: TexturePlan['voxelType'],
    gpu: GpuFacts,
    elements: Elements,
    isCurrent: () => boolean,
  ): Promise<void> {
    const decision = decideTexture(view.grid.shapeZyx, voxelType, gpu);
    if (!decision.ok) {
      this.failure = { kind: decision.reason };
      return;
    }
    const { plan } = decision;
    const window = firstWindow(view.modality);
    const viewer = await Viewer.create({
      view,
      plan,
      elements,
      window,
      events: {
        onCursor: (index) => (this.cursor = index),
        onWindow: (changed) => (this.window = changed),
        onWindowDragged: () => (this.windowIsChosen = true),
        onFirstImage: () => performance.mark('viewer.firstImage'),
        onDrawn: (plane) => this.#hasDrawn(plane),
        onContextLost: () => (this.failure = { kind: 'context-lost' }),
      },
    });
    if (!isCurrent()) return viewer.destroy();
    this.viewer = viewer;
    this.reductions = plan.reductions;
    this.window = window;
    this.cursor = viewer.cursor;
    viewer.setTool(this.tool);
    const kept = this.#measured.get(keyOf(view));
    if (kept) putMeasurements(kept, viewer.volumeId);
    this.measurements = listMeasurements();
    try {
      await viewer.load((planes) => this.#hasLoaded(planes));
    } catch (error) {
      if (!isCurrent()) return;
      if (!(error instanceof VoxelTypeTooNarrow) || voxelType === 'float32') throw error;
      // The headers promised less than the voxels hold: all over again, as float32.
      this.#destroyViewer();
      return this.#show(view, 'float32', gpu, elements, isCurrent);
    }
    if (!isCurrent()) return;
    this.isComplete = true;
    performance.mark('viewer.complete');
    this.#fitWindow();
    if (!gpu.isSoftware) this.show3d(true);
  }

  /** What was measured is shown again with the same volume. */
  #destroyViewer(): void {
    const { viewer } = this;
    if (!viewer) return;
    this.#measured.set(keyOf(viewer.view), takeMeasurements(viewer.volumeId));
    viewer.destroy();
    this.viewer = null;
  }

  #hasLoaded(planes: number): void {
    this.planesLoaded = planes;
    if (planes === 1) this.#fitWindow();
  }

  /** Where a modality has no window of its own, it comes from the first plane, then from all. */
  #fitWindow(): void {
    if (!this.view || !this.viewer || this.windowIsChosen || presetsOf(this.view.modality).length > 0) return;
    this.viewer.setWindow(this.#defaultWindow(this.view));
  }

  #defaultWindow({ modality }: VolumeView): WindowLevel {
    return presetsOf(modality).length > 0 ? firstWindow(modality) : this.percentileWindow(0.01, 0.99);
  }

  #hasDrawn(plane: PlaneName): void {
    const state = this.viewer?.planeState(plane);
    if (state) this.planes = { ...this.planes, [plane]: state };
  }
}

function keyOf({ studyUid, volumeId }: VolumeRef): string {
  return `${studyUid}/${volumeId}`;
}

export const viewing = new Viewing();
