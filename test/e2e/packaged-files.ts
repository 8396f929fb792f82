import { openSync, readFileSync, readSync, closeSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file in an asar archive: its path there, and where its bytes are. */
interface ArchivedFile {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
}

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>;
  readonly unpacked?: true;
  readonly offset?: string;
  readonly size?: number;
}

/** The packed files of an asar archive: a pickled JSON header, then the files' bytes. */
export function listArchive(archive: string): ArchivedFile[] {
  const bytes = readFileSync(archive);
  const start = 8 + bytes.readUInt32LE(4);
  const header = bytes.subarray(16, 16 + bytes.readUInt32LE(12)).toString('utf8');
  const found: ArchivedFile[] = [];
  const walk = (entry: Entry, path: string): void => {
    for (const [name, each] of Object.entries(entry.files ?? {})) walk(each, `${path}/${name}`);
    if (entry.files || entry.unpacked) return;
    found.push({ path: path.slice(1), offset: start + Number(entry.offset), size: entry.size ?? 0 });
  };
  walk(JSON.parse(header) as Entry, '');
  return found;
}

/** Every file under a folder, by its path from there. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
}

/** What machine a file's code is for, by its first bytes; null for what is no program or library. */
export function machineOf(file: string, offset = 0): string | null {
  const head = Buffer.alloc(20);
  const handle = openSync(file, 'r');
  readSync(handle, head, 0, head.length, offset);
  closeSync(handle);
  if (head.readUInt32BE(0) === 0x7f454c46) return head.readUInt16LE(18) === 62 ? 'linux-x64' : 'another ELF';
  if (head.toString('latin1', 0, 2) === 'MZ') return 'Windows';
  return [0xcffaedfe, 0xcafebabe, 0xfeedfacf].includes(head.readUInt32BE(0)) ? 'macOS' : null;
}
