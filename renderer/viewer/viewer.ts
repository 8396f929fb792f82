import { Enums, eventTarget, RenderingEngine, type Types } from '@cornerstonejs/core';
import type { VolumeView } from '../../main/contract/ipc/study-channels.ts';
import type { Grid, Vec3 } from '../../main/core/volume/volume.ts';
import type { TexturePlan } from './decide-texture.ts';
import { clampIndex, indexOfLps, lpsOfIndex } from './grid-points.ts';
import { intensityUnit } from './measure-text.ts';
import { sampleVoxels } from './percentiles.ts';
import { isFitted, moveThrough, planeStateOf, type PlaneState } from './plane-viewport.ts';
import { createPlaneVolume, type PlaneVolume } from './plane-volume.ts';
import {
  byPlane,
  planeCamera,
  planeNames,
  type PlaneCamera,
  type PlaneName,
  type ViewName,
} from './planes.ts';
import { reduceGrid } from './reduce-volume.ts';
import { startCornerstone } from './start-cornerstone.ts';
import { streamVolume } from './stream-volume.ts';
import { chooseLeftTool, createPlaneTools, removeTools, type LeftTool, type ToolGroup } from './tools.ts';
import { VolumeView3d } from './volume-view.ts';
import { dragWindow, rangeOf, type WindowLevel } from './window-level.ts';

export interface ViewerOptions {
  readonly view: VolumeView;
  readonly plan: TexturePlan;
  readonly elements: Readonly<Record<ViewName, HTMLDivElement>>;
  readonly window: WindowLevel;
  readonly events: ViewerEvents;
}

export interface ViewerEvents {
  readonly onCursor: (indexZyx: Vec3) => void;
  readonly onWindow: (window: WindowLevel) => void;
  /** A reader chose it with the mouse. */
  readonly onWindowDragged: () => void;
  /** The first plane of the images is on screen. */
  readonly onFirstImage: () => void;
  /** A plane was drawn: its state may be another. */
  readonly onDrawn: (plane: PlaneName) => void;
  readonly onContextLost: () => void;
}

export const slabBlends = ['max', 'min', 'mean'] as const;
export type SlabBlend = (typeof slabBlends)[number];
const blendModes: Readonly<Record<SlabBlend, Enums.BlendModes>> = {
  max: Enums.BlendModes.MAXIMUM_INTENSITY_BLEND,
  min: Enums.BlendModes.MINIMUM_INTENSITY_BLEND,
  mean: Enums.BlendModes.AVERAGE_INTENSITY_BLEND,
};

let viewers = 0;

/**
 * One volume on screen, in three planes. Other features build on this: labels lie in the same viewports and tool group.
 * Cornerstone's objects live until `destroy`.
 */
export class Viewer {
  readonly view: VolumeView;
  /** Of the study's voxels; what lies on the card may have fewer (`textureGrid`). */
  readonly grid: Grid;
  readonly textureGrid: Grid;
  readonly plan: TexturePlan;
  /** Cornerstone's names. */
  readonly renderingEngineId: string;
  readonly volumeId: string;
  readonly viewportIds: Readonly<Record<ViewName, string>>;
  /** Of the planes; the 3D view has its own. */
  readonly toolGroupId: string;
  readonly cameras: Readonly<Record<PlaneName, PlaneCamera>>;
  readonly volume3d: VolumeView3d;
  #engine: RenderingEngine;
  #volume: PlaneVolume;
  #tools: ToolGroup;
  #events: ViewerEvents;
  #window: WindowLevel;
  #cursor: Vec3;
  #hasUploaded = false;
  #hasShown = false;
  #abort = new AbortController();

  private constructor({ view, plan, elements, window, events }: ViewerOptions) {
    const { grid } = view;
    const id = `viewer-${++viewers}`;
    this.view = view;
    this.grid = grid;
    this.plan = plan;
    this.textureGrid = reduceGrid(grid, plan.stepZyx);
    this.renderingEngineId = id;
    this.volumeId = `${id}-volume`;
    this.toolGroupId = `${id}-planes`;
    this.viewportIds = { ...byPlane((plane) => `${id}-${plane}`), volume3d: `${id}-volume3d` };
    this.cameras = byPlane((plane) => planeCamera(grid, plane));
    this.#events = events;
    this.#window = window;
    this.#cursor = this.#snap(grid.shapeZyx.map((length) => Math.floor(length / 2)) as unknown as Vec3);
    this.#volume = createPlaneVolume({
      volumeId: this.volumeId,
      grid: this.textureGrid,
      voxelType: plan.voxelType,
      modality: view.modality,
      frameOfReferenceUid: view.frameOfReferenceUid,
      emptyValue: view.modality === 'CT' ? -1024 : 0,
    });
    this.#engine = new RenderingEngine(id);
    this.#tools = createPlaneTools(
      this.toolGroupId,
      {
        pointAt: (_viewportId, lps) => this.jumpTo(lps),
        dragWindow: (dx, dy) => {
          events.onWindowDragged();
          this.setWindow(dragWindow(this.#window, dx, dy));
        },
        scroll: (viewportId, slices) => this.scroll(this.#planeOf(viewportId), slices),
      },
      intensityUnit(view.modality),
    );
    eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
    for (const plane of planeNames) this.#enable(plane, elements[plane]);
    this.volume3d = new VolumeView3d({
      engine: this.#engine,
      viewportId: this.viewportIds.volume3d,
      toolGroupId: `${id}-volume3d`,
      element: elements.volume3d,
      volumeId: this.volumeId,
    });
  }

  /** Sets everything up; nothing is loaded yet. */
  static async create(options: ViewerOptions): Promise<Viewer> {
    startCornerstone();
    const viewer = new Viewer(options);
    await Promise.all([...planeNames.map((plane) => viewer.#showVolume(plane)), viewer.volume3d.setVolume()]);
    return viewer;
  }

  /** Loads the voxels; throws as `loadPlanes` does. */
  load(onProgress: (planes: number) => void): Promise<void> {
    return streamVolume(this.#volume, {
      view: this.view,
      plan: this.plan,
      signal: this.#abort.signal,
      onProgress,
      draw: (plane) => {
        this.#hasUploaded = true;
        this.#engine.renderViewport(this.viewportIds[plane]);
      },
    });
  }

  /** The voxel (z, y, x, whole) that all three planes go through. */
  get cursor(): Vec3 {
    return this.#cursor;
  }

  setCursor(indexZyx: Vec3): void {
    this.#cursor = this.#snap(indexZyx);
    this.#events.onCursor(this.#cursor);
    const moved = planeNames.filter((plane) => this.#follow(plane));
    this.#engine.renderViewports(moved.map((plane) => this.viewportIds[plane]));
    // In the others only the crosshair is elsewhere.
    for (const plane of planeNames) if (!moved.includes(plane)) this.#events.onDrawn(plane);
  }

  /** Moves all planes to a point of the patient, LPS, mm; to the closest voxel where it is outside. */
  jumpTo(lps: Vec3): void {
    this.setCursor(indexOfLps(this.grid, lps));
  }

  /** Moves the other planes to where this one is pointed at, CSS pixels from the top left corner of its element. */
  pointAt(plane: PlaneName, at: readonly [number, number]): void {
    this.jumpTo(this.#viewport(plane).canvasToWorld([...at]) as Vec3);
  }

  /** By whole slices along the plane's array axis. */
  scroll(plane: PlaneName, slices: number): void {
    const { axis } = this.cameras[plane];
    const index = [...this.#cursor] as [number, number, number];
    index[axis] += slices * this.plan.stepZyx[axis];
    this.setCursor(index);
  }

  get window(): WindowLevel {
    return this.#window;
  }

  setWindow(window: WindowLevel): void {
    this.#window = window;
    for (const plane of planeNames)
      this.#viewport(plane).setProperties({ voiRange: rangeOf(window) }, this.volumeId);
    this.render();
    this.#events.onWindow(window);
  }

  /** null frees the left button for a tool of another feature in the same group. */
  setTool(tool: LeftTool | null): void {
    chooseLeftTool(this.#tools, tool);
  }

  planeState(plane: PlaneName): PlaneState {
    return planeStateOf(this.#viewport(plane), lpsOfIndex(this.grid, this.#cursor));
  }

  render(): void {
    this.#engine.renderViewports(planeNames.map((plane) => this.viewportIds[plane]));
  }

  /**
   * Planes as thick as `mm`, of which the largest (`max`), the smallest (`min`) or the mean of the values is shown;
   * 0 is a plane without thickness.
   */
  setSlab(mm: number, blend: SlabBlend): void {
    for (const plane of planeNames) {
      const viewport = this.#viewport(plane);
      viewport.setBlendMode(mm > 0 ? blendModes[blend] : Enums.BlendModes.COMPOSITE);
      if (mm > 0) viewport.setSlabThickness(mm);
      else viewport.resetSlabThickness();
    }
    this.render();
  }

  /** Zooms a plane by a factor, about its middle. */
  zoomBy(plane: PlaneName, factor: number): void {
    const viewport = this.#viewport(plane);
    viewport.setZoom(viewport.getZoom() * factor);
    viewport.render();
  }

  /** Voxels at even distances over what has arrived, sorted. */
  sample(): Float32Array {
    return sampleVoxels(this.#volume.arrivedPlanes());
  }

  /** After an element changed its size: what was fitted into it is fitted again, what was zoomed stays so. */
  resize(): void {
    const fitted = planeNames.filter((plane) => isFitted(this.#viewport(plane)));
    this.#engine.resize(false, true);
    for (const plane of fitted) this.#fit(plane);
    this.#engine.render();
  }

  /** The image fitted into its element again. */
  resetCameras(): void {
    for (const plane of planeNames) this.#fit(plane);
    this.render();
  }

  destroy(): void {
    this.#abort.abort();
    eventTarget.removeEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#onContextLost);
    removeTools(this.toolGroupId);
    this.volume3d.destroy();
    this.#engine.destroy();
    this.#volume.destroy();
  }

  #onContextLost = (event: Event): void => {
    const { renderingEngineId } = (event as CustomEvent<{ renderingEngineId: string }>).detail;
    if (renderingEngineId === this.renderingEngineId) this.#events.onContextLost();
  };

  #viewport(plane: PlaneName): Types.IVolumeViewport {
    return this.#engine.getViewport(this.viewportIds[plane]) as Types.IVolumeViewport;
  }

  #planeOf(viewportId: string): PlaneName {
    return planeNames.find((plane) => this.viewportIds[plane] === viewportId)!;
  }

  #enable(plane: PlaneName, element: HTMLDivElement): void {
    const { normal, up } = this.cameras[plane];
    const viewportId = this.viewportIds[plane];
    this.#engine.enableElement({
      viewportId,
      type: Enums.ViewportType.ORTHOGRAPHIC,
      element,
      defaultOptions: {
        background: [0, 0, 0],
        orientation: { viewPlaneNormal: [...normal], viewUp: [...up] },
      },
    });
    this.#tools.addViewport(viewportId, this.renderingEngineId);
    element.addEventListener(Enums.Events.IMAGE_RENDERED, () => {
      this.#events.onDrawn(plane);
      if (this.#hasUploaded && !this.#hasShown) {
        this.#hasShown = true;
        this.#events.onFirstImage();
      }
    });
  }

  async #showVolume(plane: PlaneName): Promise<void> {
    const viewport = this.#viewport(plane);
    await viewport.setVolumes([{ volumeId: this.volumeId }]);
    const interpolationType =
      this.plan.interpolation === 'linear' ? Enums.InterpolationType.LINEAR : Enums.InterpolationType.NEAREST;
    viewport.setProperties({ voiRange: rangeOf(this.#window), interpolationType }, this.volumeId);
    this.#follow(plane);
  }

  #fit(plane: PlaneName): void {
    this.#viewport(plane).resetCamera();
    this.#follow(plane);
  }

  #follow(plane: PlaneName): boolean {
    return moveThrough(this.#viewport(plane), this.cameras[plane], lpsOfIndex(this.grid, this.#cursor));
  }

  /** The closest voxel that lies on the card. */
  #snap(indexZyx: Vec3): Vec3 {
    const onCard = indexZyx.map((index, axis) => index / this.plan.stepZyx[axis]!) as unknown as Vec3;
    return clampIndex(this.textureGrid, onCard, true).map(
      (index, axis) => index * this.plan.stepZyx[axis]!,
    ) as unknown as Vec3;
  }
}
