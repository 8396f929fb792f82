import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './electron-dist.ts';
import { describeApp, launchApp } from './launch-app.ts';

const preload = join(root, 'dist', 'preload.cjs');

describeApp('the shell', () => {
  test('answers no page but its own, and no frame in it', async () => {
    const { app } = await launchApp();
    const replies = await app.evaluate(async ({ BrowserWindow }, preload) => {
      const ask = 'api.invoke("app.info")';
      const foreign = new BrowserWindow({ show: false, webPreferences: { preload } });
      await foreign.loadURL('data:text/html,<p>foreign</p>');
      const webPreferences = { preload, nodeIntegrationInSubFrames: true };
      const ours = new BrowserWindow({ show: false, webPreferences });
      await ours.loadURL('thinslice://app/index.html');
      const inFrame = `new Promise((resolve) => {
        const frame = document.createElement('iframe');
        frame.onload = () => resolve(frame.contentWindow.${ask});
        frame.srcdoc = '<p>inside</p>';
        document.body.append(frame);
      })`;
      return Promise.all([
        foreign.webContents.executeJavaScript(ask),
        ours.webContents.executeJavaScript(inFrame),
        ours.webContents.executeJavaScript(ask),
      ]);
    }, preload);
    const refused = { ok: false, error: { code: 'usage', detail: 'a foreign page asked' } };
    expect(replies).toMatchObject([refused, refused, { ok: true }]);
  });

  test('grants no permission', async () => {
    const { page } = await launchApp();
    const names = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi'];
    const states = await page.evaluate(
      (names) =>
        Promise.all(
          names.map(async (name) => (await navigator.permissions.query({ name: name as 'midi' })).state),
        ),
      names,
    );
    expect(states).toEqual(names.map(() => 'denied'));
    const asked = await page.evaluate(async () => [
      await Notification.requestPermission(),
      await new Promise((resolve) =>
        navigator.geolocation.getCurrentPosition(resolve, ({ code }) => resolve(code)),
      ),
      await navigator.clipboard.readText().then(String, (error: Error) => error.name),
    ]);
    expect(asked).toEqual(['denied', 1, 'NotAllowedError']);
  });

  test('comes back where it was, in the size that it had', async () => {
    const bounds = { x: 60, y: 40, width: 1180, height: 720 };
    const first = await launchApp();
    await first.app.evaluate(({ BrowserWindow }, bounds) => {
      BrowserWindow.getAllWindows()[0]!.setBounds(bounds);
    }, bounds);
    // The display server moves it in its own time.
    const boundsOf = ({ app }: typeof first): Promise<typeof bounds> =>
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getBounds());
    await expect.poll(() => boundsOf(first)).toEqual(bounds);
    await first.close();
    const second = await launchApp({ dataDir: first.dataDir });
    await expect.poll(() => boundsOf(second)).toEqual(bounds);
  });
});
