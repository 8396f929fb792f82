import { decisions } from './en/decisions.ts';
import { errors } from './en/errors.ts';

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
  view: {
    images: 'Images',
    sidebar: 'Sidebar',
    nothingOpen: 'No images are open. Choose a series on the Studies page.',
    planes: { axial: 'Axial', coronal: 'Coronal', sagittal: 'Sagittal' },
    tabs: { image: 'Image' },
    tools: {
      label: 'Mouse',
      cursor: 'Crosshair',
      window: 'Window',
      pan: 'Pan',
      zoom: 'Zoom',
      length: 'Length',
      angle: 'Angle',
      ellipse: 'Ellipse',
    },
    info: { patient: 'Patient', series: 'Series', size: 'Voxels', spacing: 'Spacing' },
    failures: {
      'no-webgl2':
        'This computer cannot show images: the graphics card or its driver lacks WebGL 2. Update the driver, or allow hardware acceleration.',
      'context-lost': 'The graphics card stopped, and the images are gone from it. Show them again.',
    },
  },
  errors,
  decisions,
};

export type Catalogue = typeof en;
