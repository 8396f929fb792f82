import { z } from 'zod';
import type { Choice } from '../../core/choose/choice.ts';
import type { DeviceKind } from '../../core/devices/list-devices.ts';
import type { Vec3 } from '../../core/volume/volume.ts';
import type { AppError } from '../app-error.ts';
import type { Stage } from '../engine-protocol.ts';
import { invoke, notify } from './channel.ts';
import { volumeRef, type VolumeRef } from './study-channels.ts';

const name = z.string().min(1).max(400);

/** What the window wants segmented. `auto` leaves variant or device to the program. */
export const runOrder = z.object({
  volume: volumeRef,
  /** null takes the bundled model. */
  model: name.nullable(),
  variant: name,
  /** A provider, or the key of a device. */
  device: name,
  /** null takes the policy's. */
  maxSeconds: z.number().positive().max(86_400).nullable(),
  /** Ids of volumes of the same study for the model's channels, by channel name; the first channel reads `volume`. */
  channels: z.record(name, z.string().min(1).max(160)),
});
export type RunOrder = z.infer<typeof runOrder>;

const queuedId = z.string().min(1).max(64);

/** Segmentations: what would run, what waits, runs and ran. */
export const jobChannels = {
  'jobs.plan': invoke<RunPlan>()(runOrder),
  'jobs.enqueue': invoke<JobView>()(runOrder),
  /** Those that wait and run first, in their order; then the others, the newest first. */
  'jobs.list': invoke<readonly JobView[]>()(z.void()),
  'jobs.cancel': invoke<void>()(queuedId),
  /** Goes on with an interrupted one after its last slab; runs a failed or cancelled one again. */
  'jobs.resume': invoke<void>()(queuedId),
  /** Takes one that has ended off the list; its result stays. */
  'jobs.forget': invoke<void>()(queuedId),
  'jobs.changed': notify<JobView>(),
} as const;

/** What would run, and what else could. */
export interface RunPlan {
  readonly model: {
    readonly id: string;
    readonly name: string;
    readonly licence: string;
    readonly description: string;
    readonly labels: number;
  };
  readonly models: readonly { readonly id: string; readonly name: string }[];
  readonly channels: readonly ChannelPlan[];
  /** What is best as things stand, or why nothing can run. */
  readonly outcome: PlanOutcome;
  readonly variants: readonly VariantAlternative[];
  readonly devices: readonly DeviceAlternative[];
}

export type PlanOutcome =
  { readonly ok: true; readonly choice: ChoiceView } | { readonly ok: false; readonly error: AppError };

export interface ChannelPlan {
  readonly name: string;
  readonly modality: string;
  /** null where it has to be named. */
  readonly volumeId: string | null;
  readonly candidates: readonly { readonly volumeId: string; readonly description: string }[];
}

/** What would run if this one was asked for. */
export interface VariantAlternative {
  readonly name: string;
  /** Mean Dice against the full model; null where it was never compared. */
  readonly overlap: number | null;
  readonly outcome: PlanOutcome;
}

export interface DeviceAlternative {
  readonly key: string;
  readonly name: string;
  readonly kind: DeviceKind;
  readonly outcome: PlanOutcome;
}

/** A decision and the reason for it, as data. */
export interface ChoiceView extends Omit<Choice, 'kind' | 'variant' | 'device'> {
  readonly variant: string;
  readonly overlap: number | null;
  readonly device: { readonly key: string; readonly name: string; readonly kind: DeviceKind };
}

export const queueStates = ['waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted'] as const;
export type QueueState = (typeof queueStates)[number];

/** What was wanted, in words for a list. */
export interface JobTitle {
  readonly patientName: string;
  readonly seriesDescription: string;
  readonly modelName: string;
}

/** Stages of the engine, and what comes before them. */
export type JobStage = Stage | 'plan' | 'check' | 'benchmark';

export interface JobProgress {
  readonly stage: JobStage;
  readonly done: number;
  readonly total: number;
  /** Of the whole job; null while unknown. */
  readonly secondsLeft: number | null;
  /** It was told to stop, and does so at the end of this step. */
  readonly isCancelling: boolean;
}

/** What happened on the way that a person should know, oldest first. */
export type JobNews =
  | {
      readonly kind: 'setback';
      readonly variant: string;
      readonly device: string;
      readonly tileShape: Vec3;
      readonly error: AppError;
    }
  /** The engine died and was started again. */
  | { readonly kind: 'restarted'; readonly detail: string }
  /** It went on after so many finished planes. */
  | { readonly kind: 'resumed'; readonly planes: number };

export interface JobView {
  readonly id: string;
  readonly volume: VolumeRef;
  readonly order: RunOrder;
  readonly title: JobTitle;
  readonly state: QueueState;
  /** Only while it runs. */
  readonly progress: JobProgress | null;
  readonly choice: ChoiceView | null;
  readonly news: readonly JobNews[];
  readonly resultId: string | null;
  readonly error: AppError | null;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}
