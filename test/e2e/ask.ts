import type { Page } from 'playwright-core';
import type { ArgsOf, InvokeChannel, ReplyOf, WindowApi } from '../../main/contract/ipc-schema.ts';

/** Asks the main process as the window does; throws where it refuses. */
export async function ask<K extends InvokeChannel>(
  page: Page,
  channel: K,
  args: ArgsOf<K>,
): Promise<ReplyOf<K>> {
  const reply = await page.evaluate(
    ([channel, args]) =>
      (globalThis as unknown as { api: WindowApi }).api.invoke(channel as 'app.info', args as undefined),
    [channel, args] as const,
  );
  if (!reply.ok) throw new Error(`${channel}: ${JSON.stringify(reply.error)}`);
  return reply.value as ReplyOf<K>;
}
