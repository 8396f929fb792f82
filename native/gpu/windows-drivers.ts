import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** Driver version by the name of the display adapter. */
export type DriverVersions = ReadonlyMap<string, string>;

/** The device setup class of display adapters (Microsoft, "System-Defined Device Setup Classes"). */
const displayClass =
  'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}';
const longestMs = 10_000;

/**
 * Versions of the display drivers from the registry; systeminformation tells them for NVIDIA only, and it is on Intel's
 * that an update changes whether results are right. Empty where the registry cannot be read.
 */
export async function readWindowsDrivers(): Promise<DriverVersions> {
  const reg = join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'reg.exe');
  const options = { windowsHide: true, timeout: longestMs, encoding: 'utf8' } as const;
  return new Promise((resolve) => {
    // It fails at the subkeys that only the system may read, after it has printed the others.
    execFile(reg, ['query', displayClass, '/s', '/f', 'Driver', '/v'], options, (_error, stdout) =>
      resolve(parseDrivers(stdout)),
    );
  });
}

/** Reads what `reg query` prints: a line with the key, then one a value, `    Name    REG_SZ    data`. */
export function parseDrivers(printed: string): DriverVersions {
  const versions = new Map<string, string>();
  let adapter: string | null = null;
  let version: string | null = null;
  const close = () => {
    if (adapter && version) versions.set(adapter, version);
    adapter = null;
    version = null;
  };
  for (const line of printed.split(/\r?\n/)) {
    if (line.startsWith('HKEY_')) close();
    const [, name, data] = /^\s+(DriverDesc|DriverVersion)\s+REG_SZ\s+(.*\S)/.exec(line) ?? [];
    if (name === 'DriverDesc') adapter = data;
    if (name === 'DriverVersion') version = data;
  }
  close();
  return versions;
}
