import type { Catalogue } from './en.ts';

export const de: Catalogue = {
  app: {
    name: 'Thinslice',
    skip: 'Zur Seite springen',
    navigation: 'Seiten',
    news: 'Meldungen',
    dismiss: 'Meldung schließen',
    close: 'Schließen',
    researchUseOnly: 'Nur für Forschungszwecke. Nicht für den klinischen Einsatz.',
    pages: {
      studies: 'Studien',
      viewer: 'Betrachter',
      jobs: 'Aufträge',
      models: 'Modelle',
      devices: 'Geräte',
      settings: 'Einstellungen',
    },
    shortcuts: {
      title: 'Tastenkürzel',
      short: 'Tasten',
      show: 'Diese Übersicht zeigen',
      window: 'Fenster',
      pages: 'Zur Seite',
      larger: 'Schrift und Bedienelemente größer',
      smaller: 'Schrift und Bedienelemente kleiner',
      normal: 'Normale Größe',
    },
    keys: {
      ctrl: 'Strg',
      alt: 'Alt',
      shift: 'Umschalt',
      space: 'Leertaste',
      enter: 'Eingabe',
      delete: 'Entf',
      escape: 'Esc',
    },
  },
};
