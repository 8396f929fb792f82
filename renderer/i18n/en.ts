/** Every text of the window, by feature. English is the catalogue that the others are checked against. */
export const en = {
  app: {
    name: 'Thinslice',
    researchUseOnly: 'For research use only. Not for clinical use.',
    pages: {
      studies: 'Studies',
      viewer: 'Viewer',
      jobs: 'Jobs',
      models: 'Models',
      devices: 'Devices',
      settings: 'Settings',
    },
  },
};

export type Catalogue = typeof en;
