import i18next from 'i18next';
import { createSubscriber } from 'svelte/reactivity';
import { de } from './de.ts';
import { en } from './en.ts';
import type { TextKey } from './text-key.ts';

export type { TextKey };

export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

let language: Language = 'en';
let languageChanged = (): void => {};
/** Whatever shows text calls this, so that it is drawn anew in another language. Nothing outside a window. */
const followLanguage = createSubscriber((update) => {
  languageChanged = update;
});

export async function startI18n(locale: string): Promise<void> {
  await i18next.init({
    resources: { en: { translation: en }, de: { translation: de } },
    fallbackLng: 'en',
    lng: languageOf(locale),
    interpolation: { escapeValue: false }, // Svelte escapes.
  });
  await setLanguage(locale);
}

export async function setLanguage(locale: string): Promise<void> {
  const next = languageOf(locale);
  await i18next.changeLanguage(next);
  language = next;
  if (typeof document !== 'undefined') document.documentElement.lang = next;
  languageChanged();
}

/** A text in the language of the window. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  followLanguage();
  return i18next.t(key, { ...values, lng: language });
}

export function currentLanguage(): Language {
  followLanguage();
  return language;
}

function languageOf(locale: string): Language {
  return languages.find((each) => locale.toLowerCase().startsWith(each)) ?? 'en';
}
