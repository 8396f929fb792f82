/** The name itself, or with a number where it is taken already; it then is. */
export function freshName(taken: Set<string>, wanted: string): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}.${count}`;
  taken.add(name);
  return name;
}
