import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { isOnScreen } from './is-on-screen.ts';
import { origin } from './origin.ts';
import type { WindowState } from '../services/settings.ts';
import { bindZoomKeys } from './zoom-keys.ts';

export interface WindowOptions {
  readonly distDir: string;
  readonly state: WindowState | null;
  readonly onState: (state: WindowState) => void;
}

/** The one window: sandboxed, isolated, without any Node. It is shown once its page is drawn. */
export function createWindow({ distDir, state, onState }: WindowOptions): BrowserWindow {
  const bounds =
    state && isOnScreen(state, screen.getDisplayMatching(state).workArea)
      ? state
      : { width: 1366, height: 768 };
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Thinslice',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#14181c' : '#f4f6f8',
    webPreferences: {
      preload: join(distDir, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: !app.isPackaged,
      // A job's progress and the arriving voxels go on while another window is in front.
      backgroundThrottling: false,
    },
  });
  // Its keys would take some of the page's: Alt opens a menu bar.
  window.removeMenu();
  bindZoomKeys(window.webContents);
  if (state?.isMaximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => onState({ ...window.getNormalBounds(), isMaximized: window.isMaximized() }));
  void window.loadURL(`${origin}/`);
  return window;
}
