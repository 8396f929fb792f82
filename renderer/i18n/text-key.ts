import type { Catalogue } from './en.ts';

/** `app.pages.studies` and so on: a key that the catalogue lacks does not compile. Plurals: `x_one`, `x_other` are asked for as `x`. */
type KeyOf<T, Prefix extends string = ''> = {
  [K in keyof T & string]: T[K] extends string
    ? `${Prefix}${K extends `${infer Base}_${'one' | 'other'}` ? Base : K}`
    : KeyOf<T[K], `${Prefix}${K}.`>;
}[keyof T & string];
export type TextKey = KeyOf<Catalogue>;
