import type { TextKey } from '../i18n/text-key.ts';

/** A key of the window, as features register it and the shortcut sheet shows it. */
export interface Shortcut {
  /** `?`, `Alt+1`, `Ctrl+Z`, `ArrowUp`; several that do the same are separated by a space. Ctrl is Cmd on a Mac. */
  readonly keys: string;
  /** What it does. */
  readonly text: TextKey;
  /** Under which heading the sheet lists it. */
  readonly group: TextKey;
  /** Left out where something else already listens: the sheet then only tells of it. */
  readonly run?: ((event: KeyboardEvent) => void) | undefined;
  /** Also while a text field has the focus. */
  readonly whileTyping?: boolean | undefined;
}

const registered: Shortcut[] = [];

/** Until the returned function is called. Of two for one key the one that was registered last is run. */
export function registerShortcuts(shortcuts: readonly Shortcut[]): () => void {
  registered.push(...shortcuts);
  return () => {
    for (const each of shortcuts) registered.splice(registered.indexOf(each), 1);
  };
}

export function listShortcuts(): readonly Shortcut[] {
  return [...registered];
}

/** Runs what is registered for a key. For `onkeydown` of the window. */
export function handleShortcut(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || isInDialog(event)) return;
  const typing = isTextField(event.target);
  const found = registered.findLast(
    ({ keys, run, whileTyping }) =>
      run !== undefined && (whileTyping || !typing) && keys.split(' ').some((key) => matches(key, event)),
  );
  if (!found) return;
  event.preventDefault();
  found.run?.(event);
}

/** Whether an event is the key that a shortcut names. Shift counts only where it is named: `?` needs it somewhere. */
export function matches(shortcut: string, event: KeyboardEvent): boolean {
  const parts = shortcut === '+' ? ['+'] : shortcut.split(/(?<!^|\+)\+/);
  const key = parts.at(-1)!;
  const has = (name: string) => parts.slice(0, -1).includes(name);
  const control = event.ctrlKey || event.metaKey;
  return (
    sameKey(key, event) &&
    has('Ctrl') === control &&
    has('Alt') === event.altKey &&
    (has('Shift') === event.shiftKey || (!has('Shift') && isSymbol(key)))
  );
}

function sameKey(key: string, { key: pressed, code }: KeyboardEvent): boolean {
  // Alt and a digit give another character on some keyboards.
  if (/^\d$/.test(key)) return pressed === key || code === `Digit${key}`;
  if (key === 'Space') return pressed === ' ';
  return pressed.toLowerCase() === key.toLowerCase();
}

/** Where it lies, and whether it needs Shift, differs from keyboard to keyboard. */
function isSymbol(key: string): boolean {
  return key.length === 1 && !/[\p{L}\d]/u.test(key);
}

const textTypes = /^(?!(button|checkbox|color|file|image|radio|range|reset|submit)$)/;

function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return textTypes.test(target.type);
  return (
    target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  );
}

/** What lies under an open dialog is not to be operated. */
function isInDialog({ target }: KeyboardEvent): boolean {
  return (
    document.querySelector('dialog:modal') !== null ||
    (target instanceof Element && target.closest('dialog:modal') !== null)
  );
}
