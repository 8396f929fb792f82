/** Every text of the window, by feature. English is the catalogue that the others are checked against. */
export const en = {
  app: {
    name: 'Thinslice',
    skip: 'Skip to the page',
    navigation: 'Pages',
    news: 'News',
    dismiss: 'Dismiss',
    close: 'Close',
    researchUseOnly: 'For research use only. Not for clinical use.',
    pages: {
      studies: 'Studies',
      viewer: 'Viewer',
      jobs: 'Jobs',
      models: 'Models',
      devices: 'Devices',
      settings: 'Settings',
    },
    shortcuts: {
      title: 'Keyboard shortcuts',
      short: 'Keys',
      show: 'Show this sheet',
      window: 'Window',
      pages: 'Go to page',
      larger: 'Larger text and controls',
      smaller: 'Smaller text and controls',
      normal: 'Normal size',
    },
    keys: {
      ctrl: 'Ctrl',
      alt: 'Alt',
      shift: 'Shift',
      space: 'Space',
      enter: 'Enter',
      delete: 'Delete',
      escape: 'Esc',
    },
  },
};

export type Catalogue = typeof en;
