import { defaultSettings, type Settings } from '../main/contract/settings.ts';
import { ask } from './api.ts';
import { setLanguage } from './i18n/i18n.svelte.ts';

/** What the user has set: read by any page, changed on the settings page, applied at once. */
class SettingsState {
  current = $state.raw<Settings>(defaultSettings);
  #systemLocale = 'en';

  start(settings: Settings, systemLocale: string): void {
    this.#systemLocale = systemLocale;
    this.current = settings;
    this.#applyTheme();
  }

  /** The language to show: what is set, or the system's. */
  get locale(): string {
    return this.current.language === 'system' ? this.#systemLocale : this.current.language;
  }

  /** Throws AppFailure. */
  async change(change: Partial<Settings>): Promise<void> {
    this.current = await ask('settings.change', change);
    this.#applyTheme();
    await setLanguage(this.locale);
  }

  #applyTheme(): void {
    const { theme } = this.current;
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }
}

export const settings = new SettingsState();
