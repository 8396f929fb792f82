import { voxelsPath } from '../../../main/contract/voxels-path.ts';
import type { SeriesView } from '../../../main/contract/ipc/study-channels.ts';
import { runFew } from './run-few.ts';
import type { FromThumbnails, ToThumbnails } from './thumbnail-message.ts';

/** A larger plane is not read for a picture of the size of a thumb. */
const maxPixels = 4096 * 4096;

/** The engine that reads planes does one after the other, and the viewer waits behind what it was asked before. */
const atATime = 2;

/** Pictures of volumes: drawn in a thread, a few at a time, kept while their folder is open. */
class Thumbnails {
  readonly #urls = new Map<string, string>();
  readonly #waiting = new Map<number, (png: Blob | null) => void>();
  readonly #run = runFew(atATime);
  #worker: Worker | null = null;
  #last = 0;

  /** The address of a picture of the middle plane; null where there is none to be had, or `signal` was aborted. */
  async of(studyUid: string, series: SeriesView, signal: AbortSignal): Promise<string | null> {
    const { grid, verdict, volumeId, modality } = series;
    if (!grid || verdict.outcome === 'refused') return null;
    const [slices, rows, columns] = grid.shapeZyx;
    if (rows * columns > maxPixels) return null;
    const url = `${voxelsPath({ studyUid, volumeId })}?type=float32`;
    const known = this.#urls.get(url);
    if (known !== undefined) return known;
    const startByte = Math.floor(slices / 2) * rows * columns * Float32Array.BYTES_PER_ELEMENT;
    const [, rowSpacingMm, columnSpacingMm] = grid.spacingZyxMm;
    const shape = { rows, columns, rowSpacingMm, columnSpacingMm };
    const png = await this.#run(() => this.#draw({ url, startByte, shape, modality }, signal), signal);
    if (!png || signal.aborted) return null;
    const picture = URL.createObjectURL(png);
    this.#urls.set(url, picture);
    return picture;
  }

  /** Another folder is opened: its volumes may have the names of those before. */
  clear(): void {
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    this.#urls.clear();
  }

  #draw(
    request: Omit<Extract<ToThumbnails, { type: 'draw' }>, 'type' | 'id'>,
    signal: AbortSignal,
  ): Promise<Blob | null> {
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#last;
    return new Promise((resolve) => {
      const send = (message: ToThumbnails): void => worker.postMessage(message);
      const cancel = (): void => send({ type: 'cancel', id });
      signal.addEventListener('abort', cancel, { once: true });
      this.#waiting.set(id, (png) => {
        signal.removeEventListener('abort', cancel);
        resolve(png);
      });
      send({ type: 'draw', id, ...request });
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./thumbnail-worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data: { id, png } }: MessageEvent<FromThumbnails>) => {
      this.#waiting.get(id)?.(png);
      this.#waiting.delete(id);
    });
    return worker;
  }
}

export const thumbnails = new Thumbnails();
