import { init as initCore } from '@cornerstonejs/core';
import { init as initTools } from '@cornerstonejs/tools';

let started = false;

/** Once for the window. Cornerstone loads nothing itself: it is handed voxels that came through the private scheme. */
export function startCornerstone(): void {
  if (started) return;
  started = true;
  // All viewports of volumes share the first context, so that a volume lies on the card once; others would lie idle.
  initCore({ rendering: { webGlContextCount: 1 } } as Parameters<typeof initCore>[0]);
  initTools();
}
