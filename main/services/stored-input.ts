import { AppFailure } from '../contract/app-error.ts';
import { geometryRefusal, isUsable } from '../contract/geometry-refusal.ts';
import type { ChannelPlan, RunOrder } from '../contract/ipc/job-channels.ts';
import type { VolumeRef } from '../contract/ipc/study-channels.ts';
import type { JobInput } from '../contract/job.ts';
import { because } from '../contract/known-cause.ts';
import type { SegmentationModel } from '../core/model/segmentation-model.ts';
import type { Database } from '../db/database.ts';
import { listVolumes } from '../db/queries/volumes.ts';
import { assembleInput, type Gathered } from './gather-input.ts';
import { findSource } from './volumes.ts';

type Wanted = Pick<RunOrder, 'volume' | 'channels'>;

/**
 * The volumes that a model's channels would read: the first one the volume on screen, a further one what was named for
 * it, or the only other volume of the study that it can be.
 */
export function planChannels(
  db: Database,
  { volume, channels }: Wanted,
  model: SegmentationModel,
): ChannelPlan[] {
  const all = listVolumes(db, volume.studyUid).filter(({ outcome }) => outcome !== 'refused');
  const taken = new Set([volume.volumeId, ...Object.values(channels)]);
  return model.channels.map(({ name, modality }, index) => {
    const fitting = all.filter((each) => modality === '' || each.modality === modality);
    const candidates = fitting.map(({ volumeId, description, part }) => ({
      volumeId,
      description: [description, part].filter((text) => text !== '').join(', '),
    }));
    const free = candidates.filter(({ volumeId }) => !taken.has(volumeId));
    const only = free.length === 1 ? free[0]!.volumeId : null;
    return {
      name,
      modality,
      volumeId: channels[name] ?? (index === 0 ? volume.volumeId : only),
      candidates,
    };
  });
}

/**
 * What a job reads, from the study as its last scan found it. Throws AppFailure `not-found`, `channel-mismatch`,
 * `input-refused` (another modality) or `geometry-refused`.
 */
export function storedInput(db: Database, wanted: Wanted, model: SegmentationModel): JobInput {
  const plans = planChannels(db, wanted, model);
  const { folder } = findSource(db, wanted.volume);
  return assembleInput(
    folder,
    plans.map(({ name, modality, volumeId }) => {
      if (volumeId === null) {
        throw new AppFailure({
          code: 'channel-mismatch',
          channel: name,
          ...because({ code: 'channel-open' }),
        });
      }
      return gather(db, name, modality, { studyUid: wanted.volume.studyUid, volumeId });
    }),
  );
}

function gather(db: Database, channel: string, modality: string, ref: VolumeRef): Gathered {
  const { study, folder, series, source } = findSource(db, ref);
  const { volume } = source;
  if (modality !== '' && series.modality !== modality) {
    const cause = { code: 'wrong-modality', reads: modality, found: series.modality } as const;
    throw new AppFailure({ code: 'input-refused', path: folder, ...because(cause) });
  }
  if (!isUsable(volume)) throw geometryRefusal(volume, { path: folder });
  // What a job keeps of study and series are their attributes.
  const whole = { ...series, volumes: [volume] };
  return { channel, source, selected: { study: { ...study, series: [whole] }, series: whole, volume } };
}
