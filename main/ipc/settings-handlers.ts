import type { Settings } from '../contract/settings.ts';
import type { Context } from '../services/context.ts';
import { changeSettings, getSettings } from '../services/settings.ts';
import type { Handlers } from './bind.ts';

/** `apply`: what of them the main process itself has to know at once. */
export function settingsHandlers({ db }: Context, apply: (settings: Settings) => void) {
  return {
    'settings.get': () => getSettings(db),
    'settings.change': (change) => {
      const settings = changeSettings(db, change);
      apply(settings);
      return settings;
    },
  } satisfies Partial<Handlers>;
}
