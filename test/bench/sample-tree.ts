import { readdirSync, readFileSync } from 'node:fs';

/** Resident bytes of a process and all its descendants, now (Linux). Pages that processes share count in each. */
export function residentBytesOfTree(root: number): number {
  const parents = new Map<number, number>();
  const resident = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = readStatus(name);
    if (!status) continue;
    parents.set(Number(name), status.parent);
    resident.set(Number(name), status.residentBytes);
  }
  let sum = 0;
  for (const [pid, bytes] of resident) if (descends(pid, root, parents)) sum += bytes;
  return sum;
}

function readStatus(pid: string): { parent: number; residentBytes: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const parent = /^PPid:\s+(\d+)/m.exec(text)?.[1];
    const kib = /^VmRSS:\s+(\d+)/m.exec(text)?.[1];
    return { parent: Number(parent), residentBytes: Number(kib ?? 0) * 1024 };
  } catch {
    return null; // it ended meanwhile
  }
}

function descends(pid: number, root: number, parents: ReadonlyMap<number, number>): boolean {
  for (let each: number | undefined = pid; each !== undefined && each > 1; each = parents.get(each)) {
    if (each === root) return true;
  }
  return false;
}
