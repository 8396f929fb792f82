import { url as inspectorUrl } from 'node:inspector';
import { app } from 'electron';

/** Each of them would look at the network by itself: for updates, time, telemetry, proxies, names. */
const switches: Readonly<Record<string, string>> = {
  'disable-background-networking': '',
  'disable-component-update': '',
  'disable-domain-reliability': '',
  'disable-breakpad': '',
  'disable-sync': '',
  'disable-quic': '',
  'no-pings': '',
  'no-first-run': '',
  'metrics-recording-only': '',
  // No proxy is looked for (WPAD asks the network), and no name or address is found by whatever got so far.
  'no-proxy-server': '',
  'host-resolver-rules': 'MAP * ~NOTFOUND',
  'force-webrtc-ip-handling-policy': 'disable_non_proxied_udp',
  'disable-features': 'AsyncDns,DnsOverHttpsUpgrade,NetworkTimeServiceQuerying,WebRtcHideLocalIpsWithMdns',
};

/** Switches that open a socket which steers the app. */
const debugging = ['remote-debugging-port', 'remote-debugging-address', 'remote-debugging-pipe'];

/**
 * Turns off what Chromium asks of a network for itself, and its remote debugging where Node's inspector is not open
 * already (which the packaged app never allows). Before the app is ready.
 */
export function silenceChromium(): void {
  for (const [name, value] of Object.entries(switches)) app.commandLine.appendSwitch(name, value);
  // Keys for cookies, of which there are none, need no key ring of the desktop (that might ask for a password).
  if (process.platform === 'linux') app.commandLine.appendSwitch('password-store', 'basic');
  if (inspectorUrl() === undefined) debugging.forEach((name) => app.commandLine.removeSwitch(name));
}
