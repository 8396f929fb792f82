import type { VolumeRef, VolumeView } from '../../main/contract/ipc/study-channels.ts';
import type { Vec3 } from '../../main/core/volume/volume.ts';
import { ask } from '../api.ts';
import { decideTexture, type GpuFacts, type TexturePlan } from './decide-texture.ts';
import { gatherGpuFacts } from './gpu-facts.ts';
import { VoxelTypeTooNarrow } from './load-planes.ts';
import type { PlaneState } from './plane-viewport.ts';
import type { PlaneName } from './planes.ts';
import type { LeftTool } from './tools.ts';
import { Viewer } from './viewer.ts';
import type { WindowLevel } from './window-level.ts';
import { firstWindow } from './window-presets.ts';

export type Failure =
  { readonly kind: 'no-webgl2' | 'context-lost' } | { readonly kind: 'error'; readonly error: unknown };

/** What is on screen, for components: the viewer itself tells nothing by itself. */
class Viewing {
  /** null while nothing is open. */
  viewer = $state.raw<Viewer | null>(null);
  view = $state.raw<VolumeView | null>(null);
  failure = $state.raw<Failure | null>(null);
  planesLoaded = $state(0);
  isComplete = $state(false);
  cursor = $state.raw<Vec3>([0, 0, 0]);
  window = $state.raw<WindowLevel>({ center: 0, width: 1 });
  tool = $state<LeftTool | null>('cursor');
  planes = $state.raw<Readonly<Partial<Record<PlaneName, PlaneState>>>>({});
  #openings = 0;

  /** Opens a volume in these elements, in place of what was there. Failures become `failure`. */
  async open(ref: VolumeRef, elements: Readonly<Record<PlaneName, HTMLDivElement>>): Promise<void> {
    this.close();
    const opening = ++this.#openings;
    const isCurrent = (): boolean => opening === this.#openings;
    try {
      const view = await ask('volumes.open', ref);
      if (!isCurrent()) return;
      this.view = view;
      const gpu = gatherGpuFacts();
      await this.#show(view, view.voxelType, gpu, elements, isCurrent);
    } catch (error) {
      if (isCurrent()) this.failure = { kind: 'error', error };
    }
  }

  close(): void {
    this.#openings++;
    this.viewer?.destroy();
    this.viewer = null;
    this.view = null;
    this.failure = null;
    this.planesLoaded = 0;
    this.isComplete = false;
    this.planes = {};
  }

  setTool(tool: LeftTool | null): void {
    this.tool = tool;
    this.viewer?.setTool(tool);
  }

  async #show(
    view: VolumeView,
    voxelType: TexturePlan['voxelType'],
    gpu: GpuFacts,
    elements: Readonly<Record<PlaneName, HTMLDivElement>>,
    isCurrent: () => boolean,
  ): Promise<void> {
    const decision = decideTexture(view.grid.shapeZyx, voxelType, gpu);
    if (!decision.ok) {
      this.failure = { kind: decision.reason };
      return;
    }
    const window = firstWindow(view.modality);
    const viewer = await Viewer.create({
      view,
      plan: decision.plan,
      elements,
      window,
      events: {
        onCursor: (index) => (this.cursor = index),
        onWindow: (changed) => (this.window = changed),
        onDrawn: (plane) => this.#hasDrawn(plane),
        onContextLost: () => (this.failure = { kind: 'context-lost' }),
      },
    });
    if (!isCurrent()) return viewer.destroy();
    this.viewer = viewer;
    this.window = window;
    this.cursor = viewer.cursor;
    viewer.setTool(this.tool);
    try {
      await viewer.load((planes) => (this.planesLoaded = planes));
      if (isCurrent()) this.isComplete = true;
    } catch (error) {
      if (!isCurrent()) return;
      if (!(error instanceof VoxelTypeTooNarrow) || voxelType === 'float32') throw error;
      // The headers promised less than the voxels hold: all over again, as float32.
      viewer.destroy();
      this.viewer = null;
      await this.#show(view, 'float32', gpu, elements, isCurrent);
    }
  }

  #hasDrawn(plane: PlaneName): void {
    const state = this.viewer?.planeState(plane);
    if (state) this.planes = { ...this.planes, [plane]: state };
  }
}

export const viewing = new Viewing();
