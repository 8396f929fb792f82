import type {
  LadderOrder,
  ModelPreview,
  ModelView,
  ModelWork,
} from '../../../main/contract/ipc/model-channels.ts';
import { AppFailure } from '../../../main/contract/app-error.ts';
import { ask, listen } from '../../api.ts';
import { formatBytes } from '../../ui/format.ts';
import { t } from '../../i18n/i18n.svelte.ts';
import { news } from '../../ui/news.svelte.ts';

/** The models that there are, and the one piece of work that is done with them; it goes on while other pages are open. */
class ModelsState {
  list = $state.raw<readonly ModelView[] | null>(null);
  selectedId = $state<string | null>(null);
  work = $state.raw<ModelWork | null>(null);
  /** Read and not accepted yet. */
  preview = $state.raw<ModelPreview | null>(null);
  error = $state.raw<unknown>(null);
  #isListening = false;

  get selected(): ModelView | null {
    return this.list?.find(({ id }) => id === this.selectedId) ?? this.list?.[0] ?? null;
  }

  async load(): Promise<void> {
    if (!this.#isListening) {
      this.#isListening = true;
      listen('models.workChanged', (work) => (this.work = work));
    }
    await this.#attempt(async () => {
      this.work = await ask('models.work');
      this.list = await ask('models.list');
    });
  }

  async read(path: string, trust: readonly string[]): Promise<void> {
    await this.#attempt(async () => {
      this.preview = await ask('models.read', { path, trust: [...trust] });
    });
  }

  async accept(): Promise<void> {
    await this.#attempt(async () => {
      const model = await ask('models.accept');
      this.preview = null;
      this.selectedId = model.id;
      this.list = await ask('models.list');
      news.say(t('models.imported', { name: model.name }), 'good');
    });
  }

  async discard(): Promise<void> {
    this.preview = null;
    await this.#attempt(() => ask('models.discard'));
  }

  async remove({ id, name }: ModelView): Promise<void> {
    await this.#attempt(async () => {
      await ask('models.remove', id);
      news.say(t('models.removed', { name }), 'good');
      this.list = await ask('models.list');
    });
  }

  async compress(order: LadderOrder): Promise<void> {
    await this.#attempt(async () => {
      const { model, dropped } = await ask('models.compress', order);
      this.#replace(model);
      const names = dropped.map(({ name }) => name).join(', ');
      const words = t('models.ladderDone', { name: model.name });
      news.say(dropped.length === 0 ? words : `${words} ${t('models.dropped', { names })}`, 'good');
    });
  }

  async evaluate(model: ModelView, variant: string, on: string | null): Promise<void> {
    await this.#attempt(async () => {
      this.#replace(await ask('models.evaluate', { model: model.id, variant, on }));
      news.say(t('models.evaluated', { variant }), 'good');
    });
  }

  async pack(model: ModelView): Promise<void> {
    await this.#attempt(async () => {
      const variants = model.variants.map(({ name }) => name);
      const pack = await ask('models.pack', { model: model.id, variants });
      if (pack) news.say(t('models.packed', { path: pack.path, size: formatBytes(pack.sizeBytes) }), 'good');
    });
  }

  async cancel(): Promise<void> {
    await ask('models.cancelWork');
  }

  #replace(model: ModelView): void {
    this.list = this.list?.map((each) => (each.id === model.id ? model : each)) ?? null;
  }

  /** What fails is shown on the page; what was cancelled is only told of. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    this.error = null;
    try {
      await work();
    } catch (error) {
      if (error instanceof AppFailure && error.error.code === 'cancelled') news.say(t('errors.cancelled'));
      else this.error = error;
    }
  }
}

export const models = new ModelsState();
