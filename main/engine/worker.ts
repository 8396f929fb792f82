// What runs in the engine's worker threads: one line a task, called by name (pool.run(task, { name })).
export { decodeFrames } from './tasks/decode-frames.ts';
export { surfaceStl, traceRtStruct } from './tasks/export-shapes.ts';
export { decomposeKernel } from './tasks/decompose-kernel.ts';
export { interpolateSlices } from './tasks/interpolate-slices.ts';
export { labelByRule } from './tasks/label-by-rule.ts';
export { loadNifti } from './tasks/load-nifti.ts';
export { paintMontage, paintTiles } from './tasks/paint-montage.ts';
export { probePixels } from './tasks/probe-pixels.ts';
export { readLabelmap } from './tasks/read-labelmap.ts';
export * from './tasks/compare.ts';
export * from './tasks/preprocess.ts';
export * from './tasks/measure.ts';
export * from './tasks/restore.ts';
