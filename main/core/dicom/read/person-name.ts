/**
 * A person name (PS3.5 6.2.1.2) for people to read: components in reading order instead of carets, the alphabetic
 * form first and the ideographic one, or else the phonetic one, in brackets.
 * `Yamada^Tarou=山田^太郎=やまだ^たろう` becomes `Yamada, Tarou (山田 太郎)`.
 */
export function readablePersonName(name: string): string {
  const [alphabetic = '', ideographic = '', phonetic = ''] = name.split('=');
  const latin = readAlphabetic(alphabetic);
  const own = joinComponents(ideographic) || joinComponents(phonetic);
  if (latin === '' || own === '') return latin || own;
  return `${latin} (${own})`;
}

/** Family, prefix given middle, suffix. */
function readAlphabetic(group: string): string {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = components(group);
  // Where only one component is filled, it is often the whole name, or one that is not written in this order.
  return [family, [prefix, given, middle].filter(Boolean).join(' '), suffix].filter(Boolean).join(', ');
}

function joinComponents(group: string): string {
  return components(group).filter(Boolean).join(' ');
}

function components(group: string): string[] {
  return group.split('^').map((component) => component.trim());
}
