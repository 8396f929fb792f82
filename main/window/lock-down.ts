import { app, session, type Session } from 'electron';
import { origin } from './origin.ts';

/**
 * Shuts every way out: no page but ours is loaded or navigated to, no request leaves the private scheme, no window is
 * opened, no permission granted, nothing downloaded. After the app is ready.
 */
export function lockDown(): void {
  lockSession(session.defaultSession);
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

function lockSession(each: Session): void {
  each.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  each.setPermissionCheckHandler(() => false);
  each.setDevicePermissionHandler(() => false);
  each.on('will-download', (event) => event.preventDefault());
  each.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isOurs(url) }));
  // Chromium's own services would still look for a proxy or a dictionary.
  each.setSpellCheckerEnabled(false);
}

/** `blob:` and `data:` hold what a page already has; developer tools load themselves. */
function isOurs(url: string): boolean {
  return url.startsWith(`${origin}/`) || url.startsWith(`blob:${origin}/`) || /^(data|devtools):/.test(url);
}
