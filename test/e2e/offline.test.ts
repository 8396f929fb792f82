import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeApp, launchApp } from './launch-app.ts';
import { listenForCalls } from './listen-for-calls.ts';

/** Whatever a page could try to call out with. Each attempt may throw or be ignored: only what arrives counts. */
function attempts(page: Page, tcpPort: number, udpPort: number): Promise<string[]> {
  return page.evaluate(
    async ([tcpPort, udpPort]) => {
      const address = `127.0.0.1:${tcpPort}`;
      const http = `http://${address}`;
      const add = (name: string, attributes: Record<string, string>): HTMLElement => {
        const element = Object.assign(document.createElement(name), attributes);
        document.body.append(element);
        return element;
      };
      const call = async (servers: RTCIceServer[]): Promise<void> => {
        const peer = new RTCPeerConnection({ iceServers: servers });
        peer.createDataChannel('data');
        await peer.setLocalDescription(await peer.createOffer());
        await new Promise((resolve) => globalThis.setTimeout(resolve, 3000));
      };
      const code = (text: string): string =>
        URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
      const tries: Record<string, () => unknown> = {
        fetch: () => fetch(`${http}/fetch`, { mode: 'no-cors' }),
        https: () => fetch(`https://${address}/https`, { mode: 'no-cors' }),
        request: () => {
          const request = new XMLHttpRequest();
          request.open('GET', `${http}/request`);
          request.send();
        },
        socket: () => new WebSocket(`ws://${address}/socket`),
        events: () => new EventSource(`${http}/events`),
        transport: () =>
          new (globalThis as never as { WebTransport: typeof URL }).WebTransport(`https://${address}`),
        beacon: () => navigator.sendBeacon(`${http}/beacon`, 'x'),
        image: () => add('img', { src: `${http}/image` }),
        video: () => add('video', { src: `${http}/video` }),
        script: () => add('script', { src: `${http}/script` }),
        module: () => import(`${http}/module.js`),
        worker: () => new Worker(code(`importScripts('${http}/worker'); fetch('${http}/worker-fetch')`)),
        service: () => navigator.serviceWorker.register(`${http}/service.js`),
        frame: () => add('iframe', { src: `${http}/frame` }),
        blankFrame: () => {
          const frame = add('iframe', {}) as HTMLIFrameElement;
          const inside = frame.contentWindow as unknown as typeof globalThis;
          void inside.fetch(`${http}/blank-frame`, { mode: 'no-cors' }).catch(() => {});
          frame.contentWindow!.location.href = `${http}/blank-frame-navigation`;
        },
        object: () => add('object', { data: `${http}/object` }),
        style: () =>
          add('style', { textContent: `@import url(${http}/style); body { background: url(${http}/css) }` }),
        font: () => new FontFace('x', `url(${http}/font)`).load(),
        ...Object.fromEntries(
          [
            'dns-prefetch',
            'preconnect',
            'prefetch',
            'preload',
            'modulepreload',
            'stylesheet',
            'icon',
            'manifest',
          ].map((rel) => [rel, () => add('link', { rel, href: `${http}/${rel}`, as: 'image' })]),
        ),
        refresh: () => add('meta', { httpEquiv: 'refresh', content: `0;url=${http}/refresh` }),
        form: () => (add('form', { action: `${http}/form`, method: 'post' }) as HTMLFormElement).submit(),
        ping: () => add('a', { href: '#', ping: `${http}/ping` }).click(),
        download: () => add('a', { href: `${http}/download`, download: 'x' }).click(),
        link: () => add('a', { href: `${http}/link` }).click(),
        window: () => window.open(`${http}/window`),
        navigation: () => (location.href = `${http}/navigation`),
        stun: () => call([{ urls: `stun:127.0.0.1:${udpPort}` }]),
        turn: () =>
          call([
            { urls: `turn:127.0.0.1:${udpPort}?transport=udp`, username: 'a', credential: 'b' },
            { urls: `turn:127.0.0.1:${tcpPort}?transport=tcp`, username: 'a', credential: 'b' },
            { urls: `turns:127.0.0.1:${tcpPort}?transport=tcp`, username: 'a', credential: 'b' },
          ]),
      };
      for (const attempt of Object.values(tries)) {
        try {
          await Promise.race([attempt(), new Promise((resolve) => globalThis.setTimeout(resolve, 4000))]);
        } catch {
          // Refused at once.
        }
      }
      return Object.keys(tries);
    },
    [tcpPort, udpPort] as const,
  );
}

describeApp('no call leaves the app', () => {
  test('the listeners hear a call, so that their silence means something', async () => {
    const { tcpPort, udpPort, calls } = await listenForCalls();
    connect(tcpPort, '127.0.0.1').end('hello\r\n');
    const socket = createSocket('udp4');
    socket.send('hello', udpPort, '127.0.0.1', () => socket.close());
    await expect.poll(() => [...calls].sort()).toEqual(['TCP hello', 'UDP']);
  });

  test('whatever the page tries', async () => {
    const { tcpPort, udpPort, calls } = await listenForCalls();
    const { app, page } = await launchApp();
    const tried = await attempts(page, tcpPort, udpPort);
    expect(tried.length).toBeGreaterThan(30);
    await setTimeout(2000);
    expect(calls).toEqual([]);
    expect(page.url()).toMatch(/^thinslice:\/\/app\//);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  });

  test('whatever a page without a content security policy tries', async () => {
    const { tcpPort, udpPort, calls } = await listenForCalls();
    const { app } = await launchApp();
    const [foreign] = await Promise.all([
      app.waitForEvent('window'),
      app.evaluate(({ BrowserWindow }) =>
        new BrowserWindow({ show: false }).loadURL('data:text/html,<body>'),
      ),
    ]);
    await attempts(foreign, tcpPort, udpPort);
    await setTimeout(2000);
    expect(calls).toEqual([]);
    expect(foreign.url()).toBe('data:text/html,<body>');
  });

  test('whatever the main process has Chromium load', async () => {
    const { tcpPort, calls } = await listenForCalls();
    const { app } = await launchApp();
    const outcomes = await app.evaluate(async ({ BrowserWindow, net, session }, port) => {
      const url = `http://127.0.0.1:${port}/main`;
      const window = new BrowserWindow({ show: false });
      const failed = (reason: unknown): string => String(reason).split('\n')[0]!;
      const told = (): string => 'loaded';
      return [
        await window.loadURL(url).then(told, failed),
        await session.defaultSession.fetch(url).then(told, failed),
        await session.fromPartition('another').fetch(url).then(told, failed),
        await net.fetch(url).then(told, failed),
        await session.defaultSession.resolveHost('localhost').then(told, failed),
      ];
    }, tcpPort);
    for (const outcome of outcomes) expect(outcome).toMatch(/ERR_(BLOCKED_BY_CLIENT|NAME_NOT_RESOLVED)/);
    expect(calls).toEqual([]);
  });
});
