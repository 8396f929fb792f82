import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { VolumeRef } from '../../main/contract/ipc/study-channels.ts';
import { ask } from './ask.ts';

/** What was seen of a segmentation in the window. */
export interface Seen {
  readonly volume: VolumeRef;
  readonly state: string;
  readonly error: unknown;
  /** Voxels by label, of those that the result's measurements name. */
  readonly measured: Readonly<Record<string, number>>;
  /** Different values among the labels as the window gets them, and how many voxels there are. */
  readonly values: readonly number[];
  readonly voxels: number;
}

/** Opens the study in `folder`, segments its first volume with the bundled model, and reads the result's labels. */
export async function segmentInWindow(page: Page, folder: string): Promise<Seen> {
  const { studies } = await ask(page, 'studies.scan', folder);
  const volume = { studyUid: studies[0]!.studyUid, volumeId: studies[0]!.series[0]!.volumeId };
  const order = { volume, model: null, variant: 'auto', device: 'auto', maxSeconds: null, channels: {} };
  const { id } = await ask(page, 'jobs.enqueue', order);
  let job;
  do {
    await setTimeout(200);
    job = (await ask(page, 'jobs.list', undefined)).find((each) => each.id === id)!;
  } while (job.state === 'waiting' || job.state === 'running');
  const { state, error, resultId } = job;
  if (resultId === null) return { volume, state, error, measured: {}, values: [], voxels: 0 };
  const { labels, labelsUrl } = await ask(page, 'results.get', resultId);
  const seen = await page.evaluate(async (url) => {
    const { body } = await fetch(url);
    const stream = body!.pipeThrough(new DecompressionStream('gzip'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    return { values: [...new Set(bytes)].sort((a, b) => a - b), voxels: bytes.length };
  }, labelsUrl);
  const measured = Object.fromEntries(labels.map((label) => [label.name, label.voxels]));
  return { volume, state, error, measured, ...seen };
}
