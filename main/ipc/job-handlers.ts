import type { Context } from '../services/context.ts';
import { planForWindow } from '../services/plan-view.ts';
import type { Queue } from '../services/queue.ts';
import type { Handlers } from './bind.ts';

export function jobHandlers(context: Context, queue: Queue) {
  return {
    'jobs.plan': (order) => planForWindow(context, order),
    'jobs.enqueue': (order) => queue.enqueue(order),
    'jobs.list': () => queue.list(),
    'jobs.cancel': (id) => queue.cancel(id),
    'jobs.resume': (id) => queue.resume(id),
    'jobs.forget': (id) => queue.forget(id),
  } satisfies Partial<Handlers>;
}
