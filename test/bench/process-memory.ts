import { readFileSync } from 'node:fs';
import type { ElectronApplication } from 'playwright-core';

/** What the processes of the app are called here. */
const kinds: Readonly<Record<string, string>> = {
  Browser: 'main',
  Tab: 'window',
  GPU: 'graphics',
  Utility: 'engines',
};

export interface MemoryOf {
  /** MiB that are resident now, and how many of those no other process has. */
  readonly resident: number;
  readonly private: number;
  /** The most that was ever resident (sums of processes: of each at its own time). */
  readonly peak: number;
}

/** Memory of the app's processes by what they do (Linux: `/proc`). */
export async function memoryOf(app: ElectronApplication): Promise<ReadonlyMap<string, MemoryOf>> {
  const processes = await app.evaluate(({ app: electron }) =>
    electron.getAppMetrics().map(({ type, pid, name }) => ({ type: String(type), pid, name: name ?? '' })),
  );
  const sums = new Map(
    Object.values(kinds).map((kind) => [kind, { resident: 0, private: 0, peak: 0 } as MemoryOf]),
  );
  for (const { type, pid, name } of processes) {
    // Chromium's own services are utility processes too.
    const kind = type === 'Utility' && !name.startsWith('Thinslice') ? undefined : kinds[type];
    const sum = kind && sums.get(kind);
    if (!sum) continue;
    const own = readMemory(pid);
    sums.set(kind, {
      resident: sum.resident + own.resident,
      private: sum.private + own.private,
      peak: sum.peak + own.peak,
    });
  }
  return sums;
}

function readMemory(pid: number): MemoryOf {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const mib = (text: string, name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024;
    return {
      resident: mib(status, 'VmRSS'),
      private: mib(rollup, 'Private_Clean') + mib(rollup, 'Private_Dirty'),
      peak: mib(status, 'VmHWM'),
    };
  } catch {
    return { resident: NaN, private: NaN, peak: NaN }; // it ended meanwhile, or this is not Linux
  }
}
