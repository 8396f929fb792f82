import { decisions } from './de/decisions.ts';
import { errors } from './de/errors.ts';
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
  view: {
    images: 'Bilder',
    sidebar: 'Seitenleiste',
    nothingOpen: 'Es sind keine Bilder geöffnet. Wählen Sie eine Serie auf der Seite „Studien“.',
    planes: { axial: 'Axial', coronal: 'Koronal', sagittal: 'Sagittal' },
    tabs: { image: 'Bild' },
    tools: {
      label: 'Maus',
      cursor: 'Fadenkreuz',
      window: 'Fenster',
      pan: 'Verschieben',
      zoom: 'Zoom',
      length: 'Länge',
      angle: 'Winkel',
      ellipse: 'Ellipse',
    },
    info: { patient: 'Patient', series: 'Serie', size: 'Voxel', spacing: 'Abstand' },
    failures: {
      'no-webgl2':
        'Dieser Rechner kann keine Bilder zeigen: Grafikkarte oder Treiber können kein WebGL 2. Erneuern Sie den Treiber, oder erlauben Sie die Hardwarebeschleunigung.',
      'context-lost':
        'Die Grafikkarte hat ausgesetzt, und die Bilder sind von ihr verschwunden. Zeigen Sie sie erneut.',
    },
  },
  errors,
  decisions,
};
