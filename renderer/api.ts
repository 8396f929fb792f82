import type {
  ArgsOf,
  InvokeChannel,
  NewsOf,
  NotifyChannel,
  ReplyOf,
  WindowApi,
} from '../main/contract/ipc-schema.ts';
import { AppFailure } from '../main/contract/app-error.ts';

declare global {
  interface Window {
    readonly api: WindowApi;
  }
}

/** Asks the main process. Throws AppFailure. The only way out of the window, with `listen` and the private scheme. */
export async function ask<K extends InvokeChannel>(
  channel: K,
  ...args: ArgsOf<K> extends void ? [] : [ArgsOf<K>]
): Promise<ReplyOf<K>> {
  const reply = await window.api.invoke(channel, args[0] as ArgsOf<K>);
  if (reply.ok) return reply.value;
  throw new AppFailure(reply.error);
}

/** Hears news of the main process until the returned function is called. */
export function listen<K extends NotifyChannel>(channel: K, listener: (news: NewsOf<K>) => void): () => void {
  return window.api.on(channel, listener);
}

/** Where a dropped file or folder lies; empty where it has no path. */
export function pathOf(file: File): string {
  return window.api.pathOf(file);
}
