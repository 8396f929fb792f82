import { appChannels } from './ipc/app-channels.ts';
import type { Invoke, Notify } from './ipc/channel.ts';
import { deviceChannels } from './ipc/device-channels.ts';
import { exportChannels } from './ipc/export-channels.ts';
import { jobChannels } from './ipc/job-channels.ts';
import { modelChannels } from './ipc/model-channels.ts';
import { resultChannels } from './ipc/result-channels.ts';
import { reviewChannels } from './ipc/review-channels.ts';
import { settingsChannels } from './ipc/settings-channels.ts';
import { studyChannels } from './ipc/study-channels.ts';
import { tuningChannels } from './ipc/tuning-channels.ts';
import type { Result } from './app-error.ts';

/** Everything that the window and the main process say to each other; both sides derive from it. */
export const ipcSchema = {
  ...appChannels,
  ...studyChannels,
  ...resultChannels,
  ...reviewChannels,
  ...jobChannels,
  ...exportChannels,
  ...modelChannels,
  ...tuningChannels,
  ...deviceChannels,
  ...settingsChannels,
} as const;

type Schema = typeof ipcSchema;
export type InvokeChannel = {
  [K in keyof Schema]: Schema[K]['kind'] extends 'invoke' ? K : never;
}[keyof Schema];
export type NotifyChannel = Exclude<keyof Schema, InvokeChannel>;

export type ArgsOf<K extends InvokeChannel> = Schema[K] extends Invoke<infer Args, unknown> ? Args : never;
export type ReplyOf<K extends InvokeChannel> =
  Schema[K] extends Invoke<infer _Args, infer Answer> ? Answer : never;
export type NewsOf<K extends NotifyChannel> = Schema[K] extends Notify<infer T> ? T : never;

/** What the preload script puts on the window, and all that a page has of the world outside. */
export interface WindowApi {
  readonly invoke: <K extends InvokeChannel>(channel: K, args: ArgsOf<K>) => Promise<Result<ReplyOf<K>>>;
  /** Returns what ends the subscription. */
  readonly on: <K extends NotifyChannel>(channel: K, listener: (news: NewsOf<K>) => void) => () => void;
  /** Where a dropped file or folder lies; empty where it has no path. */
  readonly pathOf: (file: File) => string;
}
