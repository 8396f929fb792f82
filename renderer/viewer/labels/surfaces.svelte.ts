import type { Viewer } from '../viewer.ts';
import { labelling } from './labelling.svelte.ts';
import { SurfaceScene } from './surface-scene.ts';

/** Triangles of all surfaces together: what weak graphics still turn fluently. */
const triangleBudget = 1_200_000;
/** Of one label: more is not seen, fewer is too coarse. */
const triangleLimits = { least: 4_000, most: 60_000 } as const;
/** Between two pictures while surfaces come in: each takes as long as all that is there. */
const drawEveryMs = 1000;
/** After a stroke, before its label's surface is made again. */
const restMs = 600;

/** The surfaces of the labels that are shown, made one after the other in the worker. */
class Surfaces {
  isOn = $state(false);
  done = $state(0);
  total = $state(0);
  /** Grows when labels came to rest: who shows surfaces refreshes them then. */
  edition = $state(0);
  #scene: SurfaceScene | null = null;
  #stale = new Set<number>();
  #rounds = 0;
  #timer = 0;

  /** Shows surfaces in a viewer until the returned function is called. */
  attach(viewer: Viewer): () => void {
    const scene = new SurfaceScene(viewer);
    this.#scene = scene;
    this.#stale.clear();
    return () => {
      this.#rounds++;
      clearTimeout(this.#timer);
      scene.clear();
      if (this.#scene === scene) this.#scene = null;
    };
  }

  /** Labels whose voxels changed. */
  invalidate(values: Iterable<number>): void {
    for (const value of values) this.#stale.add(value);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.edition++, restMs);
  }

  /** Makes what is to be shown and is not there, the small ones first; hides the rest. */
  async refresh(): Promise<void> {
    const round = ++this.#rounds;
    const [scene, shown] = [this.#scene, labelling.shown];
    if (!scene || !shown) return;
    const isShown = (value: number): boolean => this.isOn && labelling.isShown(value);
    scene.show(isShown);
    const { labels } = shown.result;
    const voxels = (value: number): number => labelling.voxels.get(value) ?? 0;
    const wanted = labels
      .filter(
        ({ value }) => isShown(value) && (this.#stale.has(value) || (voxels(value) > 0 && !scene.has(value))),
      )
      .toSorted((a, b) => voxels(a.value) - voxels(b.value));
    const there = labels.filter(({ value }) => voxels(value) > 0).length;
    const triangles = Math.min(
      triangleLimits.most,
      Math.max(triangleLimits.least, Math.round(triangleBudget / Math.max(1, there))),
    );
    [this.done, this.total] = [0, wanted.length];
    let drawnAt = performance.now();
    for (const { value, color } of wanted) {
      this.#stale.delete(value);
      const mesh = await shown.worker.ask('surface', { value, triangles });
      // Another round began, or another viewer: that one goes on.
      if (round !== this.#rounds) return void this.#stale.add(value);
      scene.set(value, mesh, color);
      this.done++;
      if (performance.now() - drawnAt < drawEveryMs) continue;
      scene.render();
      drawnAt = performance.now();
    }
    scene.render();
    this.total = 0;
  }
}

export const surfaces = new Surfaces();
