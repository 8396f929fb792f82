import i18next from 'i18next';
import { de } from './de.ts';
import { en } from './en.ts';
import type { TextKey } from './text-key.ts';

export type { TextKey };

export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

/** Components that show text read this, so that they are drawn anew in another language. */
let language = $state<Language>('en');

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
  document.documentElement.lang = next;
  language = next;
}

/** A text in the language of the window. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return i18next.t(key, { ...values, lng: language });
}

export function currentLanguage(): Language {
  return language;
}

function languageOf(locale: string): Language {
  return languages.find((each) => locale.toLowerCase().startsWith(each)) ?? 'en';
}
