import { detectMachine } from '../../native/gpu/detect-machine.ts';
import { listProviders } from '../../native/onnxruntime/list-providers.ts';
import type { Inspection } from '../contract/device-requests.ts';

/** Looks for hardware and providers; does not throw. A limit that the system sets on the process counts as its memory. */
export async function inspectMachine(): Promise<Inspection> {
  const machine = await detectMachine();
  const memoryAvailableBytes = Math.min(machine.memoryAvailableBytes, process.availableMemory());
  return { machine: { ...machine, memoryAvailableBytes }, providers: listProviders() };
}
