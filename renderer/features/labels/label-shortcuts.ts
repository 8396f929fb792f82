import type { Shortcut } from '../../ui/shortcuts.ts';
import { editing } from '../../viewer/labels/editing.svelte.ts';
import { labelling } from '../../viewer/labels/labelling.svelte.ts';
import { viewing } from '../../viewer/viewing.svelte.ts';

const group = 'labels.shortcuts.group';

/** Keys of labels and corrections, for those who draw without a mouse too. */
export function labelShortcuts(onOpenRegion: () => void): readonly Shortcut[] {
  return [
    {
      keys: 'H',
      text: 'labels.shortcuts.toggle',
      group,
      run: () => (labelling.isVisible = !labelling.isVisible),
    },
    {
      keys: 'O',
      text: 'labels.shortcuts.solo',
      group,
      run: () => (labelling.solo = labelling.solo === null ? labelling.selected : null),
    },
    { keys: 'Ctrl+Z', text: 'labels.shortcuts.undo', group, run: () => editing.undo() },
    { keys: 'Ctrl+Y Ctrl+Shift+Z', text: 'labels.shortcuts.redo', group, run: () => editing.redo() },
    {
      keys: '[',
      text: 'labels.shortcuts.smaller',
      group,
      run: () => editing.setRadius(editing.radiusMm - 0.5),
    },
    {
      keys: ']',
      text: 'labels.shortcuts.larger',
      group,
      run: () => editing.setRadius(editing.radiusMm + 0.5),
    },
    { keys: 'D', text: 'labels.shortcuts.apply', group, run: () => void apply(onOpenRegion) },
  ];
}

/** In the axial plane. */
async function apply(onOpenRegion: () => void): Promise<void> {
  const { viewer } = viewing;
  if (!viewer || labelling.layer === null) return;
  const place = { axis: viewer.cameras.axial.axis, voxelZyx: viewer.cursor };
  if (!(await editing.applyAt(viewer, place))) onOpenRegion();
}
