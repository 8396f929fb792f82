import type { TuningWork } from '../services/tuning-work.ts';
import type { Handlers } from './bind.ts';

export function tuningHandlers(tuning: TuningWork) {
  return {
    'tuning.get': () => tuning.view,
    'tuning.start': (order) => tuning.start(order),
    'tuning.pause': () => tuning.pause(),
    'tuning.goOn': () => tuning.goOn(),
    'tuning.discard': () => tuning.discard(),
  } satisfies Partial<Handlers>;
}
