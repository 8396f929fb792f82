import type { Context } from '../services/context.ts';
import { changeSettings, getSettings } from '../services/settings.ts';
import type { Handlers } from './bind.ts';

export function settingsHandlers({ db }: Context) {
  return {
    'settings.get': () => getSettings(db),
    'settings.change': (change) => changeSettings(db, change),
  } satisfies Partial<Handlers>;
}
