import { en } from './en.ts';
import { t } from './i18n.svelte.ts';

/** A code of the operating system or of SQLite in words; what is in words already as it is. */
export function wordsOfCause(detail: string): string {
  // SQLite's extended codes begin with the plain one: SQLITE_IOERR_WRITE.
  const code = /^SQLITE_[A-Z]+/.exec(detail)?.[0] ?? detail;
  return Object.hasOwn(en.errors.causes, code) ? t(`errors.causes.${code as 'ENOENT'}`) : detail;
}
