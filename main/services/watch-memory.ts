import { readFileSync } from 'node:fs';
import os from 'node:os';

export interface MemoryWatch {
  /** Whether memory ran so low since the watch began that the system may have ended a process for it. */
  readonly wasScarce: () => boolean;
  readonly stop: () => void;
}

const everyMs = 250;
/** Programs that end others for want of memory (earlyoom, systemd-oomd) begin at about a tenth; the kernel later. */
const scarcePart = 0.05;

/**
 * Watches memory while an engine works: SIGKILL is all that is seen of the system ending it, and a user can send that
 * too. Linux counts the processes that the kernel ended for memory; elsewhere, and for the programs that do it before
 * the kernel has to, the least memory that was left says it.
 */
export function watchMemory(): MemoryWatch {
  const killsBefore = countMemoryKills();
  const total = process.constrainedMemory() || os.totalmem();
  let least = process.availableMemory();
  const timer = setInterval(() => (least = Math.min(least, process.availableMemory())), everyMs);
  timer.unref();
  return {
    wasScarce: () => countMemoryKills() > killsBefore || least < scarcePart * Math.min(total, os.totalmem()),
    stop: () => clearInterval(timer),
  };
}

/** `oom_kill` of /proc/vmstat (proc_vmstat(5)); 0 where there is none. */
function countMemoryKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
