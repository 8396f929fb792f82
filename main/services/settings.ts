import { z } from 'zod';
import { settingsSchema, type Settings } from '../contract/settings.ts';
import type { Database } from '../db/database.ts';
import { findSetting, putSetting } from '../db/queries/settings.ts';

export function getSettings(db: Database): Settings {
  const stored = findSetting(db, 'user');
  return settingsSchema.parse(typeof stored === 'object' && stored !== null ? stored : {});
}

/** Returns all settings as they are then. */
export function changeSettings(db: Database, change: Partial<Settings>): Settings {
  const settings = { ...getSettings(db), ...change };
  putSetting(db, 'user', settings);
  return settings;
}

const windowState = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(400).max(20_000),
  height: z.number().int().min(300).max(20_000),
  isMaximized: z.boolean(),
});

/** Where the window lay, in device-independent pixels. */
export type WindowState = z.infer<typeof windowState>;

/** null where there is none, or none that can be read: the window then opens at its default size. */
export function getWindowState(db: Database): WindowState | null {
  const state = windowState.safeParse(findSetting(db, 'window'));
  return state.success ? state.data : null;
}

export function putWindowState(db: Database, state: WindowState): void {
  putSetting(db, 'window', state);
}
