import type { WebContents } from 'electron';

const factors = [1, 1.1, 1.25, 1.5, 1.75, 2] as const;

/** Ctrl (Cmd on a Mac) with +, − and 0 zooms the page between 100 and 200 %; Chromium remembers it. */
export function bindZoomKeys(contents: WebContents): void {
  contents.on('before-input-event', (event, { type, key, control, meta, alt }) => {
    if (type !== 'keyDown' || !(control || meta) || alt) return;
    const now = contents.getZoomFactor();
    const next = nextFactor(now, key);
    if (next === null) return;
    event.preventDefault();
    if (next !== now) contents.setZoomFactor(next);
  });
}

/** null for any other key. `=` is the key of + without Shift on many keyboards. */
export function nextFactor(now: number, key: string): number | null {
  switch (key) {
    case '+':
    case '=':
      return factors.find((factor) => factor > now + 0.01) ?? 2;
    case '-':
    case '_':
      return factors.findLast((factor) => factor < now - 0.01) ?? 1;
    case '0':
      return 1;
    default:
      return null;
  }
}
