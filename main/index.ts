import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { app, dialog, nativeTheme, type BrowserWindow } from 'electron';
import envPaths from 'env-paths';
import { AppFailure } from './contract/app-error.ts';
import { describeError } from './contract/describe-error.ts';
import { openDatabase } from './db/database.ts';
import { appHandlers } from './ipc/app-handlers.ts';
import { bind, newsTo } from './ipc/bind.ts';
import { deviceHandlers } from './ipc/device-handlers.ts';
import { exportHandlers } from './ipc/export-handlers.ts';
import { jobHandlers } from './ipc/job-handlers.ts';
import { labelsRoute } from './ipc/labels-route.ts';
import { modelHandlers } from './ipc/model-handlers.ts';
import { resultHandlers } from './ipc/result-handlers.ts';
import { reviewHandlers } from './ipc/review-handlers.ts';
import { settingsHandlers } from './ipc/settings-handlers.ts';
import { studyHandlers } from './ipc/study-handlers.ts';
import { tuningHandlers } from './ipc/tuning-handlers.ts';
import { voxelsRoute } from './ipc/voxels-route.ts';
import type { Settings } from './contract/settings.ts';
import type { Context } from './services/context.ts';
import { connectEngine } from './services/engine-client.ts';
import { getSettings, getWindowState, putWindowState } from './services/settings.ts';
import { ModelWorkSlot } from './services/model-work.ts';
import { modelsInProcess } from './services/models-in-process.ts';
import { scanInThread } from './services/scan-in-thread.ts';
import { heavyInThread } from './services/heavy-in-thread.ts';
import { Queue } from './services/queue.ts';
import { TuningWork } from './services/tuning-work.ts';
import { createViewEngine } from './services/view-engine.ts';
import { chooseSaveFile } from './window/choose-save-file.ts';
import { createWindow } from './window/create-window.ts';
import { forkModelProcess } from './window/fork-model-process.ts';
import { forkUtility } from './window/fork-utility.ts';
import { lockDown } from './window/lock-down.ts';
import { parseArguments } from './window/parse-arguments.ts';
import { origin } from './window/origin.ts';
import { registerScheme } from './window/scheme.ts';
import { serve } from './window/serve.ts';
import { silenceChromium } from './window/silence-chromium.ts';

// Composition root of the desktop app: builds everything, no logic. It is built to dist/, beside the engine.
const root = app.getAppPath();
const distDir = join(root, 'dist');
const args = parseArguments(process.argv, process.defaultApp === true, process.cwd());
const dataDir = resolve(args.dataDir ?? envPaths('thinslice', { suffix: '' }).data);
// Chromium's own files lie with the data: one folder to back up, to move and to remove.
app.setPath('userData', join(dataDir, 'window'));
silenceChromium();
registerScheme();
let window: BrowserWindow | null = null;

// Chromium puts the switches of a second start first, and takes them apart from their values: it sends what it understood.
if (!app.requestSingleInstanceLock({ folder: args.folder })) app.quit();
else void app.whenReady().then(start);

async function start(): Promise<void> {
  const context = openContext();
  if (!context) return app.exit(1);
  const engine = createViewEngine(context);
  const send = newsTo(() => window?.webContents ?? null);
  const exported = new Set<string>();
  const queue = new Queue(context, {
    onChange: (job) => {
      send('jobs.changed', job);
      tuning.hold(queue.isBusy);
    },
    onBug: (error) => showBug('queue', error),
  });
  const { appVersion, resourcesDir } = context;
  const models = modelsInProcess(() =>
    forkModelProcess({
      entry: join(distDir, 'model-process.js'),
      engineEntry: join(distDir, 'engine.js'),
      data: { dataDir, resourcesDir, appVersion },
    }),
  );
  const slot = new ModelWorkSlot((work) => send('models.workChanged', work));
  const tuning = new TuningWork(context, {
    slot,
    models,
    onChange: (view) => send('tuning.changed', view),
    onBug: (error) => showBug('tuning', error),
  });
  lockDown();
  serve(join(distDir, 'renderer'), {
    voxels: voxelsRoute(context, engine),
    labels: labelsRoute(context, engine),
  });
  const { electron = '', chrome = '', node } = process.versions;
  const info = {
    version: appVersion,
    platform: process.platform,
    locale: app.getLocale(),
    folder: args.folder,
    dataDir,
    versions: { electron, chrome, node },
  };
  bind(
    {
      ...appHandlers({
        info,
        licencesFile: join(distDir, 'licences.json'),
        window: () => window,
        exported,
      }),
      ...studyHandlers(context, {
        engine,
        send,
        scanInThread: scanInThread(join(distDir, 'scan-thread.js')),
      }),
      ...resultHandlers(context),
      ...reviewHandlers(context, engine),
      ...modelHandlers(context, {
        models,
        slot,
        choosePackFile: (name) => chooseSaveFile(window, name),
      }),
      ...tuningHandlers(tuning),
      ...deviceHandlers(context),
      ...settingsHandlers(context, applySettings),
      ...jobHandlers(context, queue),
      ...exportHandlers(context, exported, send),
    },
    { origin, onBug: showBug },
  );
  applySettings(getSettings(context.db));
  window = createWindow({
    distDir,
    state: getWindowState(context.db),
    onState: (state) => putWindowState(context.db, state),
  });
  window.on('closed', () => (window = null));
  app.on('second-instance', (_event, _argv, _cwd, sent) => {
    const folder = (sent as { readonly folder?: unknown } | null)?.folder;
    if (typeof folder === 'string') send('app.folderNamed', folder);
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', () => {
    queue.stop();
    tuning.stop();
    context.db.close();
  });
}

function openContext(): Context | null {
  try {
    const known = {
      db: openDatabase(dataDir, { checkpoints: false }),
      appVersion: app.getVersion(),
      resourcesDir: app.isPackaged ? process.resourcesPath : join(root, 'resources'),
    };
    return {
      ...known,
      inThread: heavyInThread(join(distDir, 'heavy-thread.js'), known),
      startEngine: () => connectEngine(forkUtility(join(distDir, 'engine.js'))),
      now: () => new Date().toISOString(),
      newId: randomUUID,
    };
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    dialog.showErrorBox('Thinslice', describeError(error.error));
    return null;
  }
}

/** The system's own dialogs, and the page's `prefers-color-scheme`. */
function applySettings({ theme }: Settings): void {
  nativeTheme.themeSource = theme;
}

function showBug(where: string, error: unknown): void {
  process.stderr.write(`${where}: ${error instanceof Error ? error.stack : String(error)}\n`);
}
