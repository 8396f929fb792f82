import { app, session, type Session, type WebContents } from 'electron';
import { origin } from './origin.ts';

/**
 * Shuts every way out: no page but ours is loaded or navigated to, no request leaves the private scheme, no window is
 * opened, no permission granted, nothing downloaded. Once the app is ready, before any window.
 */
export function lockDown(): void {
  app.configureHostResolver({ enableBuiltInResolver: false, secureDnsMode: 'off' });
  app.on('session-created', lockSession);
  lockSession(session.defaultSession);
  app.on('web-contents-created', (_event, contents) => lockContents(contents));
}

function lockContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  // WebRTC asks no webRequest handler: over UDP it may go through a proxy only, and there is none.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}

function lockSession(each: Session): void {
  each.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  each.setPermissionCheckHandler(() => false);
  each.setDevicePermissionHandler(() => false);
  each.on('will-download', (event) => event.preventDefault());
  each.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isOurs(url) }));
  // Dictionaries would be fetched.
  each.setSpellCheckerEnabled(false);
}

/** `blob:` and `data:` hold what a page already has; developer tools, where there are any, load themselves. */
function isOurs(url: string): boolean {
  if (url.startsWith('devtools:')) return !app.isPackaged;
  return url.startsWith(`${origin}/`) || url.startsWith(`blob:${origin}/`) || url.startsWith('data:');
}
