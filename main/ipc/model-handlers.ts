import type { Context } from '../services/context.ts';
import { modelViews } from '../services/model-views.ts';
import type { ModelWorkSlot } from '../services/model-work.ts';
import type { ModelsInProcess } from '../services/models-in-process.ts';
import { bundledModelFolder, listModelSummaries } from '../services/models.ts';
import type { Handlers } from './bind.ts';

export interface ModelHandlerOptions {
  readonly models: ModelsInProcess;
  readonly slot: ModelWorkSlot;
  /** Asks where a pack goes; null where that was dismissed. */
  readonly choosePackFile: (name: string) => Promise<string | null>;
}

export function modelHandlers(context: Context, { models, slot, choosePackFile }: ModelHandlerOptions) {
  /** One that was removed stays away until a segmentation needs it. */
  let isEmptyOnPurpose = false;
  const importBundled = (): Promise<void> =>
    slot.run('store', 'ct-tissue', async () => {
      await models.ask('read', { path: bundledModelFolder(context), trust: [] });
      await models.ask('store', null);
    });
  return {
    'models.list': async () => {
      const isEmpty = listModelSummaries(context.db).length === 0;
      if (isEmpty && !isEmptyOnPurpose && !slot.current) await importBundled();
      return modelViews(context);
    },
    'models.names': () => listModelSummaries(context.db).map(({ id, name }) => ({ id, name })),
    'models.read': ({ path, trust }) =>
      slot.run('read', path, ({ signal, report }) =>
        models.ask('read', { path, trust }, { signal, onProgress: report }),
      ),
    'models.accept': () => slot.run('store', '', () => models.ask('store', null)),
    'models.discard': async () => {
      await models.ask('discard', null);
    },
    'models.remove': (id) =>
      slot.run('remove', id, async () => {
        await models.ask('remove', id);
        isEmptyOnPurpose = true;
      }),
    'models.compress': (order) =>
      slot.run('compress', order.model, ({ signal, report }) =>
        models.ask('compress', order, { signal, onProgress: report }),
      ),
    'models.evaluate': (order) =>
      slot.run('evaluate', order.model, ({ signal, report }) =>
        models.ask('evaluate', order, { signal, onProgress: report }),
      ),
    'models.pack': async ({ model, variants }) => {
      const path = await choosePackFile(`${model}.thinslice`);
      if (path === null) return null;
      return slot.run('pack', model, ({ signal }) =>
        models.ask('pack', { model, variants, path }, { signal }),
      );
    },
    'models.cancelWork': () => slot.cancel(),
    'models.work': () => slot.current,
  } satisfies Partial<Handlers>;
}
