/** The private scheme that the window's pages, voxels and labelmaps come from; nothing else is ever loaded. */
export const scheme = 'thinslice';
export const host = 'app';
export const origin = `${scheme}://${host}`;
