import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { describe, onTestFinished } from 'vitest';
import { tempDir } from '../fixtures/temp-dir.ts';
import { electronDist, testApp } from './electron-dist.ts';

/** Skipped only where there is no Electron to run. */
export const describeApp = describe.skipIf(electronDist() === null);

/** Chromium has no sandbox for root, who runs the tests in a container. */
export const asRoot: readonly string[] = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** For whatever is waited for. Nothing takes so long: it ends what would never come, on a machine that is busy too. */
export const patienceMs = 180_000;

/** A window that asks whether to keep changes stays open: an app that goes on so long after its test is ended. */
const lingeringMs = 10_000;

export interface LaunchOptions {
  /** Of the database; a new empty folder where it is left out. */
  readonly dataDir?: string;
  readonly args?: readonly string[];
  /** Default: an Electron that runs what is built in dist/. */
  readonly executable?: string;
}

export interface LaunchedApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly dataDir: string;
  /** What the page complained about. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

/** Starts the desktop app; it ends with the test at the latest. */
export async function launchApp({
  dataDir = tempDir(),
  args = [],
  executable = testApp,
}: LaunchOptions = {}): Promise<LaunchedApp> {
  const app = await _electron.launch({
    executablePath: executable,
    args: [...asRoot, '--lang=en', '--data', dataDir, ...args],
    timeout: patienceMs,
  });
  let isOpen = true;
  const child = app.process();
  const end = async (withinMs: number): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    const closing = app.close().catch(() => undefined);
    const waiting = new AbortController();
    const late = setTimeout(withinMs, true, { signal: waiting.signal }).catch(() => false);
    if (await Promise.race([closing.then(() => false), late])) {
      const ended = once(child, 'exit');
      if (child.exitCode === null && child.kill('SIGKILL')) await ended;
    }
    waiting.abort();
  };
  const close = (): Promise<void> => end(patienceMs);
  onTestFinished(() => end(lingeringMs));
  const complaints: string[] = [];
  app.context().setDefaultTimeout(patienceMs);
  const page = await app.firstWindow({ timeout: patienceMs });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.waitForSelector('main');
  return { app, page, dataDir, complaints, close };
}
