// Stage 1 in the worker threads: pure functions of core over shared memory, on a range of planes each.
export { findNonzeroBox } from '../../core/segment/1-preprocess/nonzero-box.ts';
export { fillNonzeroMask } from '../../core/segment/1-preprocess/nonzero-mask.ts';
export { collectMoments, findQuantiles } from '../../core/segment/1-preprocess/intensity-statistics.ts';
export { resampleSlices } from '../../core/segment/1-preprocess/resample-slices.ts';
export { resampleAcross } from '../../core/segment/1-preprocess/resample-across.ts';
export { resampleToGridPlanes } from '../../core/volume/resample/resample-to-grid.ts';
