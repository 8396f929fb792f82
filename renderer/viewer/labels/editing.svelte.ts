import { brushVoxels, strokePoints } from '../../../main/core/edit/brush-voxels.ts';
import { countVoxels } from '../../../main/core/edit/count-voxels.ts';
import { EditHistory, Stroke, writeChange, type LabelChange } from '../../../main/core/edit/edit-history.ts';
import { connectedInSlice, voxelsInPolygon } from '../../../main/core/edit/slice-regions.ts';
import type { Vec3 } from '../../../main/core/volume/volume.ts';
import type { Viewer } from '../viewer.ts';
import { intensityReader } from './intensities.ts';
import { labelling, type LoadedLabels } from './labelling.svelte.ts';
import { surfaces } from './surfaces.svelte.ts';
import { sliceAxes, type Axis } from './slice.ts';

export const editTools = ['none', 'brush', 'eraser', 'threshold', 'fill', 'add', 'cut', 'island'] as const;
export type EditTool = (typeof editTools)[number];

export const brushes: readonly EditTool[] = ['brush', 'eraser', 'threshold'];
export const lassos: readonly EditTool[] = ['add', 'cut'];

/** Where a tool is used: a voxel (z, y, x, not rounded) on a plane across an array axis. */
export interface EditPlace {
  readonly axis: Axis;
  readonly voxelZyx: Vec3;
}

export const radiusLimits = { least: 0.5, most: 60 } as const;

/** Corrections of the labels on screen: a copy of them is in the window, one with the worker; both get each change. */
class Editing {
  tool = $state<EditTool>('none');
  radiusMm = $state(4);
  /** The brush is a ball rather than a disc in the plane. */
  ball = $state(false);
  /** A lasso goes through all slices. */
  allSlices = $state(false);
  /** Voxels of other labels stay as they are. */
  onlyEmpty = $state(false);
  /** Of the threshold brush, modality values. */
  from = $state(-200);
  to = $state(300);
  canUndo = $state(false);
  canRedo = $state(false);
  isChanged = $state(false);
  isSaving = $state(false);
  #history = new EditHistory();
  #stroke: Stroke | null = null;
  #last: Vec3 | null = null;

  /** Whether labels can be edited now. */
  get isReady(): boolean {
    return (
      labelling.shown !== null && labelling.compared === null && labelling.selected !== null && !this.isSaving
    );
  }

  /** Forgets what was done: other labels are loaded. */
  begin(): void {
    this.#history = new EditHistory();
    this.#stroke = null;
    this.#tell();
  }

  setRadius(mm: number): void {
    this.radiusMm = Math.min(radiusLimits.most, Math.max(radiusLimits.least, mm));
  }

  /** The brush goes down. */
  press(viewer: Viewer, place: EditPlace): void {
    if (!this.isReady) return;
    this.#stroke = this.#newStroke(viewer);
    this.#last = null;
    this.drag(viewer, place);
  }

  drag(viewer: Viewer, { axis, voxelZyx }: EditPlace): void {
    const stroke = this.#stroke;
    if (!stroke) return;
    const { grid } = viewer;
    const stepMm = Math.max(this.radiusMm / 3, Math.min(...grid.spacingZyxMm) / 2);
    for (const point of strokePoints(grid, this.#last ?? voxelZyx, voxelZyx, stepMm)) {
      stroke.add(brushVoxels(grid, point, this.radiusMm, this.ball ? null : axis));
    }
    this.#last = voxelZyx;
    labelling.redraw();
  }

  release(): void {
    const change = this.#stroke?.end() ?? null;
    this.#stroke = null;
    if (change) this.#commit(change);
  }

  /** A polygon was drawn on a plane: rows and columns in its slice. */
  lasso(viewer: Viewer, axis: Axis, points: readonly (readonly [number, number])[]): void {
    if (!this.isReady || points.length < 3) return;
    const slice = viewer.cursor[axis];
    const range = this.allSlices
      ? { from: 0, to: viewer.grid.shapeZyx[axis] }
      : { from: slice, to: slice + 1 };
    this.#apply(viewer, voxelsInPolygon(viewer.grid.shapeZyx, axis, points, range));
  }

  /** Fills the region of one label in the slice; false where it is background that reaches the border of the slice. */
  fill(viewer: Viewer, { axis, voxelZyx }: EditPlace): boolean {
    if (!this.isReady || !isInside(viewer, voxelZyx)) return true;
    const { shapeZyx } = viewer.grid;
    const seed = voxelZyx.map(Math.round) as unknown as Vec3;
    const region = connectedInSlice(labelling.shown!.labels, shapeZyx, axis, seed);
    if (labelling.labelAt(seed) === 0 && reachesBorder(region, shapeZyx, axis)) return false;
    this.#apply(viewer, region);
    return true;
  }

  /** Takes the connected part of the chosen label at a voxel away. */
  async removeIsland(viewer: Viewer, { voxelZyx }: EditPlace): Promise<void> {
    const { shown, selected } = labelling;
    if (!this.isReady || !isInside(viewer, voxelZyx)) return;
    const voxel = voxelZyx.map(Math.round) as unknown as Vec3;
    const { indices } = await shown!.worker.ask('part', { value: selected!, voxelZyx: voxel });
    if (labelling.shown?.labels === shown!.labels) this.#clear(selected!, indices);
  }

  /** Leaves the largest part of the chosen label; tells how many parts and voxels went. */
  async keepLargest(): Promise<{ readonly parts: number; readonly voxels: number }> {
    const { shown, selected } = labelling;
    if (!this.isReady) return { parts: 0, voxels: 0 };
    const { indices, parts } = await shown!.worker.ask('smaller-parts', { value: selected! });
    if (labelling.shown?.labels === shown!.labels) this.#clear(selected!, indices);
    return { parts: Math.max(0, parts - 1), voxels: indices.length };
  }

  /** The tool once at the crosshair: for those who work by keys. */
  async applyAt(viewer: Viewer, place: EditPlace): Promise<boolean> {
    if (brushes.includes(this.tool)) {
      this.press(viewer, place);
      this.release();
    } else if (this.tool === 'fill') return this.fill(viewer, place);
    else if (this.tool === 'island') await this.removeIsland(viewer, place);
    return true;
  }

  undo(): void {
    if (!this.isSaving) this.#step(this.#history.undo(), 'undo');
  }

  redo(): void {
    if (!this.isSaving) this.#step(this.#history.redo(), 'redo');
  }

  /** Takes everything back that was not stored. */
  discard(): void {
    if (this.isSaving) return;
    while (this.#history.canUndo) this.undo();
    this.begin();
  }

  /** Stores the labels as a new version and gives its id. Throws AppFailure; nothing is lost then. */
  async save(): Promise<string> {
    const { worker, result } = labelling.shown!;
    this.isSaving = true;
    try {
      const { id } = await worker.ask('save', { url: result.labelsUrl });
      this.#history.markSaved();
      this.#tell();
      return id;
    } finally {
      this.isSaving = false;
    }
  }

  #newStroke(viewer: Viewer): Stroke {
    const { shown, selected } = labelling;
    const value = selected!;
    const { labels } = shown!;
    if (this.tool === 'eraser' || this.tool === 'cut')
      return new Stroke(labels, 0, (label) => label === value);
    const { onlyEmpty, from, to } = this;
    if (this.tool !== 'threshold') return new Stroke(labels, value, (label) => !onlyEmpty || label === 0);
    const intensityAt = intensityReader(viewer);
    return new Stroke(labels, value, (label, voxel) => {
      if (onlyEmpty && label !== 0) return false;
      const intensity = intensityAt(voxel);
      return intensity >= from && intensity <= to;
    });
  }

  #apply(viewer: Viewer, voxels: readonly number[]): void {
    const stroke = this.#newStroke(viewer);
    stroke.add(voxels);
    const change = stroke.end();
    if (change) this.#commit(change);
  }

  #clear(value: number, voxels: Uint32Array): void {
    const stroke = new Stroke(labelling.shown!.labels, 0, (label) => label === value);
    stroke.add(voxels);
    const change = stroke.end();
    if (change) this.#commit(change);
  }

  #commit(change: LabelChange): void {
    this.#history.add(change);
    this.#follow(change, 'redo');
  }

  #step(change: LabelChange | null, direction: 'undo' | 'redo'): void {
    const { shown } = labelling;
    if (!change || !shown) return;
    writeChange(shown.labels, change, direction);
    this.#follow(change, direction);
  }

  /** Tells the worker and the screen of a change that was written. */
  #follow(change: LabelChange, direction: 'undo' | 'redo'): void {
    const { indices, before, after } = change;
    const { worker } = labelling.shown as LoadedLabels;
    const written = direction === 'undo' ? before.slice() : new Uint8Array(indices.length).fill(after);
    void worker.ask('change', { indices: indices.slice(), values: written });
    labelling.voxels = countVoxels(labelling.voxels, change, direction);
    surfaces.invalidate(new Set([after, ...new Set(before)]));
    labelling.edition++;
    labelling.redraw();
    this.#tell();
  }

  #tell(): void {
    this.canUndo = this.#history.canUndo;
    this.canRedo = this.#history.canRedo;
    this.isChanged = this.#history.isChanged;
  }
}

function isInside({ grid }: Viewer, voxelZyx: Vec3): boolean {
  return voxelZyx.every((index, axis) => Math.round(index) >= 0 && Math.round(index) < grid.shapeZyx[axis]!);
}

function reachesBorder(region: readonly number[], [planes, rows, columns]: Vec3, axis: Axis): boolean {
  const { down, across } = sliceAxes(axis);
  const shape = [planes, rows, columns];
  return region.some((voxel) => {
    const z = Math.floor(voxel / (rows * columns));
    const rest = voxel - z * rows * columns;
    const index = [z, Math.floor(rest / columns), rest % columns];
    return [down, across].some((each) => index[each] === 0 || index[each] === shape[each]! - 1);
  });
}

export const editing = new Editing();
