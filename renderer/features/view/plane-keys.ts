import { deleteSelectedMeasurements } from '../../viewer/measurements.ts';
import type { PlaneName } from '../../viewer/planes.ts';
import { viewing } from '../../viewer/viewing.svelte.ts';
import { viewState } from './view-state.svelte.ts';

/** Slices by key: arrows one, page keys ten, Home and End all the way. */
const slicesByKey: Readonly<Record<string, number>> = {
  ArrowUp: -1,
  ArrowLeft: -1,
  ArrowDown: 1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -Infinity,
  End: Infinity,
};

/** Keys of a plane that has the focus. What it knows nothing of goes on to the window's shortcuts. */
export function handlePlaneKey(event: KeyboardEvent, plane: PlaneName): void {
  const { viewer } = viewing;
  // A slider inside has keys of its own.
  if (!viewer || event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget)
    return;
  const slices = slicesByKey[event.key];
  if (slices !== undefined) viewer.scroll(plane, slices);
  else if (event.key === '+' || event.key === '=') viewer.zoomBy(plane, 1.25);
  else if (event.key === '-') viewer.zoomBy(plane, 0.8);
  else if (event.key === 'Enter') viewState.toggleMaximised(plane);
  else if (event.key === 'Escape' && viewState.maximised !== null) viewState.maximised = null;
  else if (event.key === 'Delete' || event.key === 'Backspace') {
    if (deleteSelectedMeasurements()) viewer.render();
  } else return;
  event.preventDefault();
}
