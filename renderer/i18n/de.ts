import type { Catalogue } from './en.ts';

export const de: Catalogue = {
  app: {
    name: 'Thinslice',
    researchUseOnly: 'Nur für Forschungszwecke. Nicht für den klinischen Einsatz.',
    pages: {
      studies: 'Studien',
      viewer: 'Betrachter',
      jobs: 'Aufträge',
      models: 'Modelle',
      devices: 'Geräte',
      settings: 'Einstellungen',
    },
  },
};
