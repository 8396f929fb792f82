// Stage 6 in the worker threads: pure functions of core over shared memory, on a range of planes each.
export { sumLabels } from '../../core/segment/6-measure/label-sums.ts';
