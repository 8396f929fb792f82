import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron';
import { AppFailure, fail, ok, type Result } from '../contract/app-error.ts';
import {
  ipcSchema,
  type ArgsOf,
  type InvokeChannel,
  type NewsOf,
  type NotifyChannel,
  type ReplyOf,
} from '../contract/ipc-schema.ts';

/** One for each question of the contract: a missing handler does not compile. A handler throws AppFailure. */
export type Handlers = {
  readonly [K in InvokeChannel]: (args: ArgsOf<K>) => Promise<ReplyOf<K>> | ReplyOf<K>;
};

/** Sends news to the window, if there is one. */
export type SendNews = <K extends NotifyChannel>(channel: K, news: NewsOf<K>) => void;

export interface BindOptions {
  /** The only origin that is answered. */
  readonly origin: string;
  /** A bug in a handler: to be logged and shown. */
  readonly onBug: (channel: string, error: unknown) => void;
}

/** Binds the handlers to the contract's questions. Each message's sender and shape are checked first. */
export function bind(handlers: Handlers, { origin, onBug }: BindOptions): void {
  for (const channel of Object.keys(handlers) as InvokeChannel[]) {
    ipcMain.handle(channel, (event, args: unknown) =>
      isOurPage(event, origin) ? answer(channel, handlers, args, onBug) : refuse('a foreign page asked'),
    );
  }
}

function isOurPage({ senderFrame }: IpcMainInvokeEvent, origin: string): boolean {
  return senderFrame !== null && senderFrame.parent === null && senderFrame.url.startsWith(`${origin}/`);
}

async function answer<K extends InvokeChannel>(
  channel: K,
  handlers: Handlers,
  args: unknown,
  onBug: BindOptions['onBug'],
): Promise<Result<ReplyOf<K>>> {
  const parsed = ipcSchema[channel].args.safeParse(args);
  if (!parsed.success) return refuse(`${channel}: the message has a wrong shape`);
  try {
    return ok(await handlers[channel](parsed.data as ArgsOf<K>));
  } catch (error) {
    if (error instanceof AppFailure) return fail(error.error);
    onBug(channel, error);
    return fail({ code: 'bug', detail: error instanceof Error ? error.message : String(error) });
  }
}

function refuse(detail: string): Result<never> {
  return fail({ code: 'usage', detail });
}

export function newsTo(contents: () => WebContents | null): SendNews {
  return (channel, news) => {
    const target = contents();
    if (target && !target.isDestroyed()) target.send(channel, news);
  };
}
