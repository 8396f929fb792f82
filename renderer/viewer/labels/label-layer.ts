import { Enums, getRenderingEngine, type Types } from '@cornerstonejs/core';
import type { Vec3 } from '../../../main/core/volume/volume.ts';
import { indexOfLps, lpsOfIndex } from '../grid-points.ts';
import { planeNames, type PlaneName } from '../planes.ts';
import type { Viewer } from '../viewer.ts';
import { traceOutlines } from './outlines.ts';
import { paintSlice, type PaintTable } from './paint-table.ts';
import { sliceAxes, voxelOfSlice, type Axis, type Slice } from './slice.ts';

/** What is drawn over the images; asked for anew after `redraw`. */
export interface LayerSource {
  readonly sliceAt: (axis: Axis, index: number) => Slice;
  readonly table: () => PaintTable;
}

/** A circle or a polygon of a tool, CSS pixels from the top left corner of the plane. */
export type ToolMark =
  | {
      readonly kind: 'circle';
      readonly x: number;
      readonly y: number;
      readonly rx: number;
      readonly ry: number;
    }
  | { readonly kind: 'polygon'; readonly points: readonly (readonly [number, number])[] };

const lineWidthPx = 1.5;

/**
 * Labels over the three planes of a viewer: a canvas over each image, drawn whenever the image is. A slice is painted
 * through one table of 256 colours, so that many labels cost as much as one, and an edit shows at once; nothing of the
 * labelmap lies on the graphics card.
 */
export class LabelLayer {
  #viewer: Viewer;
  #source: LayerSource;
  #planes: readonly PlaneLayer[];

  constructor(viewer: Viewer, source: LayerSource) {
    this.#viewer = viewer;
    this.#source = source;
    this.#planes = planeNames.map((plane) => new PlaneLayer(viewer, plane, () => this.#source));
    this.redraw();
  }

  /** Labels or colours are others now. */
  redraw(): void {
    for (const plane of this.#planes) plane.invalidate();
  }

  mark(plane: PlaneName, mark: ToolMark | null): void {
    this.#planes[planeNames.indexOf(plane)]!.mark(mark);
  }

  /** The voxel (z, y, x, not rounded) under a place in a plane, CSS pixels. */
  voxelAt(plane: PlaneName, x: number, y: number): Vec3 {
    return indexOfLps(
      this.#viewer.grid,
      viewportOf(this.#viewer, plane).canvasToWorld([x, y]) as unknown as Vec3,
    );
  }

  destroy(): void {
    for (const plane of this.#planes) plane.destroy();
  }
}

export function viewportOf(viewer: Viewer, plane: PlaneName): Types.IVolumeViewport {
  const engine = getRenderingEngine(viewer.renderingEngineId)!;
  return engine.getViewport(viewer.viewportIds[plane]) as Types.IVolumeViewport;
}

class PlaneLayer {
  #viewer: Viewer;
  #plane: PlaneName;
  #source: () => LayerSource;
  #element: HTMLDivElement;
  #canvas = document.createElement('canvas');
  /** The slice painted, a pixel a voxel; both are kept from slice to slice. */
  #painted = document.createElement('canvas');
  #pixels = new ImageData(1, 1);
  #outlines: ReadonlyMap<number, readonly number[]> = new Map();
  #index = -1;
  #isStale = true;
  #frame = 0;
  #mark: ToolMark | null = null;

  constructor(viewer: Viewer, plane: PlaneName, source: () => LayerSource) {
    this.#viewer = viewer;
    this.#plane = plane;
    this.#source = source;
    this.#element = viewportOf(viewer, plane).element;
    this.#canvas.className = 'labels';
    this.#canvas.dataset['labels'] = plane;
    this.#canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;pointer-events:none';
    // Over the image, under what was measured on it.
    const image = this.#element.querySelector('canvas');
    if (image) image.after(this.#canvas);
    else this.#element.append(this.#canvas);
    this.#element.addEventListener(Enums.Events.IMAGE_RENDERED, this.#draw);
  }

  invalidate(): void {
    this.#isStale = true;
    this.#later();
  }

  mark(mark: ToolMark | null): void {
    this.#mark = mark;
    this.#later();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    this.#element.removeEventListener(Enums.Events.IMAGE_RENDERED, this.#draw);
    this.#canvas.remove();
  }

  #later(): void {
    this.#frame ||= requestAnimationFrame(this.#draw);
  }

  #draw = (): void => {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { axis } = this.#viewer.cameras[this.#plane];
    const index = this.#viewer.cursor[axis];
    if (this.#isStale || index !== this.#index) this.#paint(axis, index);
    const ratio = window.devicePixelRatio;
    const [width, height] = [this.#element.clientWidth, this.#element.clientHeight];
    setSize(this.#canvas, Math.round(width * ratio), Math.round(height * ratio));
    const context = this.#canvas.getContext('2d')!;
    context.resetTransform();
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const place = this.#placeOfSlice(axis, index);
    context.setTransform(new DOMMatrix().scale(ratio).multiply(place));
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#painted, 0, 0);
    this.#strokeOutlines(context, ratio);
    this.#strokeMark(context, ratio);
  };

  #paint(axis: Axis, index: number): void {
    const { sliceAt, table } = this.#source();
    const [slice, colours] = [sliceAt(axis, index), table()];
    setSize(this.#painted, slice.width, slice.height);
    if (this.#pixels.width !== slice.width || this.#pixels.height !== slice.height)
      this.#pixels = new ImageData(slice.width, slice.height);
    paintSlice(slice.values, colours, this.#pixels.data);
    this.#painted.getContext('2d')!.putImageData(this.#pixels, 0, 0);
    this.#outlines = colours.outlined ? traceOutlines(slice, colours.isShown) : new Map();
    this.#index = index;
    this.#isStale = false;
  }

  /** From the pixels of the slice, whose first has its corner at 0, 0, to CSS pixels of the plane. */
  #placeOfSlice(axis: Axis, index: number): DOMMatrix {
    const { grid } = this.#viewer;
    const { down, across } = sliceAxes(axis);
    const [height, width] = [grid.shapeZyx[down], grid.shapeZyx[across]];
    const viewport = viewportOf(this.#viewer, this.#plane);
    const at = (row: number, column: number) =>
      viewport.worldToCanvas([...lpsOfIndex(grid, voxelOfSlice(axis, index, row - 0.5, column - 0.5))]);
    const [origin, right, below] = [at(0, 0), at(0, width), at(height, 0)];
    return new DOMMatrix([
      (right[0] - origin[0]) / width,
      (right[1] - origin[1]) / width,
      (below[0] - origin[0]) / height,
      (below[1] - origin[1]) / height,
      origin[0],
      origin[1],
    ]);
  }

  /** Points are placed by the slice's transform, the line is as wide on any zoom. */
  #strokeOutlines(context: CanvasRenderingContext2D, ratio: number): void {
    const place = context.getTransform();
    const { lines } = this.#source().table();
    for (const [value, pieces] of this.#outlines) {
      context.setTransform(place);
      context.beginPath();
      for (let i = 0; i < pieces.length; i += 4) {
        context.moveTo(pieces[i]!, pieces[i + 1]!);
        context.lineTo(pieces[i + 2]!, pieces[i + 3]!);
      }
      context.resetTransform();
      context.lineWidth = lineWidthPx * ratio;
      context.lineCap = 'square';
      context.strokeStyle = lines[value] ?? 'transparent';
      context.stroke();
    }
  }

  #strokeMark(context: CanvasRenderingContext2D, ratio: number): void {
    const mark = this.#mark;
    if (!mark) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.beginPath();
    if (mark.kind === 'circle') context.ellipse(mark.x, mark.y, mark.rx, mark.ry, 0, 0, 2 * Math.PI);
    else for (const [x, y] of mark.points) context.lineTo(x, y);
    // White on black is seen on any image.
    for (const [style, width] of [
      ['#000', 3],
      ['#fff', 1.2],
    ] as const) {
      context.strokeStyle = style;
      context.lineWidth = width;
      context.stroke();
    }
  }
}

/** Sets a size only where it is another: a canvas that is given its own makes its memory anew. */
function setSize(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
