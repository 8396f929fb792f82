import { Enums, type RenderingEngine, type Types } from '@cornerstonejs/core';
import { createVolumeTools, removeTools } from './tools.ts';
import { transferPreset, type VolumePresetName } from './volume-presets.ts';
import type { WindowLevel } from './window-level.ts';

export interface VolumeViewOptions {
  readonly engine: RenderingEngine;
  readonly viewportId: string;
  readonly toolGroupId: string;
  readonly element: HTMLDivElement;
  readonly volumeId: string;
}

/** What of vtk's volume and mapper is used. */
interface VolumeActor {
  readonly setVisibility: (isVisible: boolean) => void;
  readonly getMapper: () => { readonly setBlendMode: (mode: Enums.BlendModes) => void };
}

/**
 * The 3D view. The volume lies in it unseen until it is shown, since rays cost most of all; surfaces of labels may be
 * seen without it.
 */
export class VolumeView3d {
  #options: VolumeViewOptions;

  constructor(options: VolumeViewOptions) {
    const { engine, viewportId, toolGroupId, element } = options;
    this.#options = options;
    engine.enableElement({
      viewportId,
      type: Enums.ViewportType.VOLUME_3D,
      element,
      defaultOptions: { background: [0, 0, 0], orientation: Enums.OrientationAxis.CORONAL },
    });
    createVolumeTools(toolGroupId).addViewport(viewportId, engine.id);
  }

  async setVolume(): Promise<void> {
    await this.#viewport.setVolumes([{ volumeId: this.#options.volumeId }]);
    this.setVisible(false);
    this.#viewport.resetCamera();
  }

  setVisible(isVisible: boolean): void {
    this.#actor.setVisibility(isVisible);
    this.#viewport.render();
  }

  setPreset(name: VolumePresetName, window: WindowLevel): void {
    const { MAXIMUM_INTENSITY_BLEND, COMPOSITE } = Enums.BlendModes;
    this.#actor.getMapper().setBlendMode(name === 'mip' ? MAXIMUM_INTENSITY_BLEND : COMPOSITE);
    // The viewport takes a preset itself as well as a name; its type says only the name.
    this.#viewport.setProperties({ preset: transferPreset(name, window) as string }, this.#options.volumeId);
  }

  /** How far apart the samples of a ray are, in the volume's own measure: 1 is all of it, more is coarser and faster. */
  setCoarseness(multiplier: number): void {
    this.#viewport.setProperties({ sampleDistanceMultiplier: multiplier });
  }

  /** From the front, all of it. */
  reset(): void {
    this.#viewport.setCamera({ viewPlaneNormal: [0, -1, 0], viewUp: [0, 0, 1] });
    this.#viewport.resetCamera();
    this.#viewport.render();
  }

  destroy(): void {
    removeTools(this.#options.toolGroupId);
  }

  get #actor(): VolumeActor {
    return this.#viewport.getDefaultActor().actor as unknown as VolumeActor;
  }

  get #viewport(): Types.IVolumeViewport {
    return this.#options.engine.getViewport(this.#options.viewportId) as Types.IVolumeViewport;
  }
}
