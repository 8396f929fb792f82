import type { Vec3 } from '../../../main/core/volume/volume.ts';
import { planeNames, type PlaneName } from '../planes.ts';
import type { Viewer } from '../viewer.ts';
import { brushes, editing, lassos } from './editing.svelte.ts';
import { viewportOf, type LabelLayer } from './label-layer.ts';
import { sliceAxes } from './slice.ts';

/** What the tools tell that has no place of its own on screen. */
export interface EditNews {
  readonly onOpenRegion: () => void;
  readonly onError: (error: unknown) => void;
}

/** Lets the left button draw with the tool that is chosen, in all planes, until the returned function is called. */
export function drawByPointer(viewer: Viewer, layer: LabelLayer, news: EditNews): () => void {
  const abort = new AbortController();
  for (const plane of planeNames) listen(viewer, layer, plane, news, abort.signal);
  return () => {
    abort.abort();
    for (const plane of planeNames) layer.mark(plane, null);
  };
}

function listen(
  viewer: Viewer,
  layer: LabelLayer,
  plane: PlaneName,
  news: EditNews,
  signal: AbortSignal,
): void {
  const { element } = viewportOf(viewer, plane);
  const { axis } = viewer.cameras[plane];
  const { down, across } = sliceAxes(axis);
  let pressed = false;
  let points: [number, number][] = [];
  const placeOf = (event: PointerEvent): { at: [number, number]; voxelZyx: Vec3 } => {
    const { left, top } = element.getBoundingClientRect();
    const at: [number, number] = [event.clientX - left, event.clientY - top];
    const voxel = [...layer.voxelAt(plane, ...at)] as [number, number, number];
    // The plane runs through the cursor's slice, whatever rounding says.
    voxel[axis] = viewer.cursor[axis];
    return { at, voxelZyx: voxel };
  };
  const showBrush = ([x, y]: readonly [number, number]): void => {
    const radius = editing.radiusMm * viewer.planeState(plane).pixelsPerMm;
    layer.mark(
      plane,
      brushes.includes(editing.tool) ? { kind: 'circle', x, y, rx: radius, ry: radius } : null,
    );
  };
  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0 || editing.tool === 'none') return;
    // No mouse event follows then: Cornerstone's tools do not see it.
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    const { at, voxelZyx } = placeOf(event);
    const place = { axis, voxelZyx };
    pressed = true;
    points = [at];
    if (brushes.includes(editing.tool)) editing.press(viewer, place);
    else if (editing.tool === 'fill' && !editing.fill(viewer, place)) news.onOpenRegion();
    else if (editing.tool === 'island') editing.removeIsland(viewer, place).catch(news.onError);
  };
  const onMove = (event: PointerEvent): void => {
    if (editing.tool === 'none') return;
    const { at, voxelZyx } = placeOf(event);
    showBrush(at);
    if (!pressed) return;
    if (brushes.includes(editing.tool)) editing.drag(viewer, { axis, voxelZyx });
    else if (lassos.includes(editing.tool)) {
      points.push(at);
      layer.mark(plane, { kind: 'polygon', points });
    }
  };
  const onUp = (event: PointerEvent): void => {
    if (!pressed) return;
    pressed = false;
    element.releasePointerCapture(event.pointerId);
    editing.release();
    if (!lassos.includes(editing.tool)) return;
    layer.mark(plane, null);
    const polygon = points.map((at) => {
      const voxel = layer.voxelAt(plane, ...at);
      return [voxel[down], voxel[across]] as const;
    });
    editing.lasso(viewer, axis, polygon);
  };
  const options = { signal, capture: true };
  element.addEventListener('pointerdown', onDown, options);
  element.addEventListener('pointermove', onMove, options);
  element.addEventListener('pointerup', onUp, options);
  element.addEventListener('pointercancel', onUp, options);
  element.addEventListener('pointerleave', () => !pressed && layer.mark(plane, null), { signal });
}
