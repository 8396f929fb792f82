import { host, scheme } from './origin.ts';

/** The decoded segments of a URL of ours; null for any other, and for what could leave a folder. */
export function pathOf(url: string): readonly string[] | null {
  try {
    const { protocol, host: urlHost, pathname } = new URL(url);
    if (protocol !== `${scheme}:` || urlHost !== host) return null;
    const segments = pathname.split('/').slice(1).map(decodeURIComponent);
    return segments.some((segment) => segment === '..' || /[/\\\0]/.test(segment)) ? null : segments;
  } catch {
    return null; // no URL, or not URL-encoded
  }
}
