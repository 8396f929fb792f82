import type { ResultLabel, ResultView } from '../../../main/contract/ipc/result-channels.ts';
import type { Review } from '../../../main/contract/review.ts';
import type { Vec3 } from '../../../main/core/volume/volume.ts';
import { ask } from '../../api.ts';
import { lpsOfIndex } from '../grid-points.ts';
import type { Viewer } from '../viewer.ts';
import { LabelLayer } from './label-layer.ts';
import { LabelWorker } from './label-worker.ts';
import { comparisonTable } from './comparison-table.ts';
import { paintTable, type PaintTable } from './paint-table.ts';
import { compareSlices, takeSlice } from './slice.ts';

export const fillStyles = ['fill', 'outline', 'both'] as const;
export type FillStyle = (typeof fillStyles)[number];

/** The labels of a result in memory: beside the worker's, a copy that is drawn and edited. */
export interface LoadedLabels {
  readonly result: ResultView;
  readonly labels: Uint8Array<ArrayBuffer>;
  readonly worker: LabelWorker;
}

/** The labels on screen, for components. They stay in memory while another page is shown. */
class Labelling {
  shown = $state.raw<LoadedLabels | null>(null);
  /** A second result of the same volume: differences are drawn instead of labels. */
  compared = $state.raw<LoadedLabels | null>(null);
  isLoading = $state(false);
  error = $state.raw<unknown>(null);
  isVisible = $state(true);
  opacity = $state(0.45);
  style = $state<FillStyle>('both');
  hidden = $state.raw<ReadonlySet<number>>(new Set());
  /** Only this label is drawn. */
  solo = $state<number | null>(null);
  selected = $state<number | null>(null);
  /** Voxels of each label as edited. */
  voxels = $state.raw<ReadonlyMap<number, number>>(new Map());
  /** Grows with each edit: what hangs on the labels themselves reads it. */
  edition = $state(0);
  layer: LabelLayer | null = null;
  #table: PaintTable | null = null;
  #loadings = 0;

  get result(): ResultView | null {
    return this.shown?.result ?? null;
  }

  /** Loads the labels of a result, and of a second one to compare it with; what is there already stays. */
  async open(id: string | null, comparedId: string | null): Promise<void> {
    const loading = ++this.#loadings;
    this.error = null;
    if (this.shown?.result.id !== id) this.#drop('shown');
    if (this.compared?.result.id !== comparedId) this.#drop('compared');
    this.isLoading = true;
    try {
      for (const [slot, wanted] of [
        ['shown', id],
        ['compared', comparedId],
      ] as const) {
        if (wanted === null || this[slot]) continue;
        const loaded = await loadLabels(wanted);
        if (loading !== this.#loadings) return loaded.worker.close();
        this[slot] = loaded;
        if (slot === 'shown') this.#begin(loaded.result);
      }
    } catch (error) {
      if (loading === this.#loadings) this.error = error;
    } finally {
      if (loading === this.#loadings) this.isLoading = false;
      this.redraw();
    }
  }

  /** Draws over the planes of a viewer until the returned function is called. */
  attach(viewer: Viewer): () => void {
    const layer = new LabelLayer(viewer, {
      table: () => (this.#table ??= this.#makeTable()),
      sliceAt: (axis, index) => {
        const { shown, compared } = this;
        const slice = takeSlice(shown!.labels, shown!.result.grid.shapeZyx, axis, index);
        if (!compared) return slice;
        const other = takeSlice(compared.labels, compared.result.grid.shapeZyx, axis, index);
        return compareSlices(slice, other, this.solo);
      },
    });
    this.layer = layer;
    return () => {
      layer.destroy();
      if (this.layer === layer) this.layer = null;
    };
  }

  /** After anything that is drawn has changed. */
  redraw(): void {
    this.#table = null;
    this.layer?.redraw();
  }

  isShown(value: number): boolean {
    return this.isVisible && (this.solo === null ? !this.hidden.has(value) : this.solo === value);
  }

  setHidden(values: Iterable<number>, isHidden: boolean): void {
    const changed = new Set(values);
    const others = [...this.hidden].filter((value) => !changed.has(value));
    this.hidden = new Set(isHidden ? [...others, ...changed] : others);
    this.solo = null;
  }

  /** The label at a voxel (z, y, x); 0 where there is none. */
  labelAt([z, y, x]: Vec3): number {
    if (!this.shown) return 0;
    const [, rows, columns] = this.shown.result.grid.shapeZyx;
    return this.shown.labels[(z * rows + y) * columns + x] ?? 0;
  }

  /** What somebody said of a result, which may be shown no more. */
  setReview(id: string, review: Review): void {
    const { shown } = this;
    if (shown?.result.id === id) this.shown = { ...shown, result: { ...shown.result, review } };
  }

  labelOf(value: number | null): ResultLabel | null {
    return this.result?.labels.find((label) => label.value === value) ?? null;
  }

  /** Moves the images to the middle of a label, or to the voxel of it that is closest to there. */
  jumpTo(viewer: Viewer, value: number): void {
    this.selected = value;
    const label = this.labelOf(value);
    const center = label && this.shown && centerOf(label, this.shown, value);
    if (center) viewer.jumpTo(lpsOfIndex(viewer.grid, center));
  }

  #begin(result: ResultView): void {
    this.hidden = new Set();
    this.solo = null;
    this.selected = result.labels.find(({ voxels }) => voxels > 0)?.value ?? null;
    this.voxels = new Map(result.labels.map(({ value, voxels }) => [value, voxels]));
    this.edition = 0;
  }

  #makeTable(): PaintTable {
    const look = { opacity: this.style === 'outline' ? 0 : this.opacity, outlined: this.style !== 'fill' };
    if (this.compared) return comparisonTable(this.isVisible, look);
    const labels = (this.result?.labels ?? []).map(({ value, color }) => ({
      value,
      color,
      isShown: this.isShown(value),
    }));
    return paintTable(labels, look);
  }

  #drop(slot: 'shown' | 'compared'): void {
    this[slot]?.worker.close();
    this[slot] = null;
  }
}

async function loadLabels(id: string): Promise<LoadedLabels> {
  const result = await ask('results.get', id);
  const worker = new LabelWorker();
  try {
    const { labels } = await worker.ask('load', { url: result.labelsUrl, grid: result.grid });
    return { result, labels, worker };
  } catch (error) {
    worker.close();
    throw error;
  }
}

/** The voxel of a label that is closest to the middle of its bounds, in the middle slice of those where it is. */
function centerOf({ boundsZyx }: ResultLabel, { labels, result }: LoadedLabels, value: number): Vec3 | null {
  const [planes, rows, columns] = result.grid.shapeZyx;
  const { min, max } = boundsZyx ?? {
    min: [0, 0, 0] as Vec3,
    max: [planes - 1, rows - 1, columns - 1] as Vec3,
  };
  const middle = min.map((low, axis) => Math.round((low + max[axis]!) / 2)) as unknown as Vec3;
  let best: Vec3 | null = null;
  let closest = Infinity;
  // From the middle slice outwards, until one has the label.
  for (let step = 0; step <= 2 * (max[0] - min[0]) + 1 && !best; step++) {
    const z = middle[0] + (step % 2 === 0 ? step / 2 : -(step + 1) / 2);
    if (z < min[0] || z > max[0]) continue;
    for (let y = min[1]; y <= max[1]; y++) {
      for (let x = min[2]; x <= max[2]; x++) {
        if (labels[(z * rows + y) * columns + x] !== value) continue;
        const distance = (y - middle[1]) ** 2 + (x - middle[2]) ** 2;
        if (distance >= closest) continue;
        closest = distance;
        best = [z, y, x];
      }
    }
  }
  return best;
}

export const labelling = new Labelling();
