import { readablePersonName } from './person-name.ts';

/** Longer values are damaged, or meant to drown what stands beside them; an LO has 64 characters (PS3.5 6.2). */
const maxCharacters = 200;

/**
 * A text of a file as a window shows it: without control characters, without those that turn the direction of what
 * follows (Unicode TR 9: embeddings, overrides, isolates), on one line, cut after 200 characters.
 */
export function legibleText(text: string): string {
  const plain = text
    // Far more than is shown, so that cleaning a hostile text takes no time.
    .slice(0, maxCharacters * 8)
    .replace(/[\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, ' ')
    .trim();
  const characters = [...plain];
  return characters.length <= maxCharacters ? plain : `${characters.slice(0, maxCharacters).join('')}…`;
}

/** A person name (PS3.5 6.2.1.2) for a window: components in reading order, and legible as any text. */
export function legibleName(name: string): string {
  return legibleText(readablePersonName(name));
}
