import os from 'node:os';
import { AppFailure } from '../contract/app-error.ts';
import type { Inspection } from '../contract/device-requests.ts';
import type { Device } from '../contract/engine-protocol.ts';
import type { CheckedDevice } from '../core/choose/choice.ts';
import { listDevices, type DeviceFacts } from '../core/devices/list-devices.ts';
import type { Machine, Provider } from '../core/devices/machine.ts';
import type { SelfCheckFailure, SelfCheckVerdict } from '../core/devices/self-check.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { findDeviceCheck, putDeviceCheck } from '../db/queries/devices.ts';
import type { Context } from './context.ts';

export const deviceNames = ['auto', 'cpu', 'cuda', 'dml'] as const;
export type DeviceName = (typeof deviceNames)[number];

export interface Hardware extends Inspection {
  readonly devices: readonly DeviceFacts[];
}

const found = new WeakMap<Context, Promise<Hardware>>();

/**
 * The machine and its devices, the CPU last; looked for once a process, in an engine, since it takes its time and
 * may block. Where that engine dies, the processor is known all the same. Throws AppFailure `cancelled`.
 *
 * @param startEngine where the engine comes from, if it is to be kept for other work
 */
export function findHardware(
  context: Context,
  signal?: AbortSignal,
  startEngine: Context['startEngine'] = context.startEngine,
): Promise<Hardware> {
  const known = found.get(context);
  if (known) return known;
  const hardware = inspect({ ...context, startEngine }, signal).then((inspection) => ({
    ...inspection,
    devices: listDevices(inspection.machine, inspection.providers),
  }));
  found.set(context, hardware);
  hardware.catch(() => found.delete(context));
  return hardware;
}

async function inspect(context: Context, signal: AbortSignal | undefined): Promise<Inspection> {
  const engine = context.startEngine();
  try {
    return await engine.ask('inspect-machine', { jobId: context.newId() }, { signal });
  } catch (error) {
    if (!(error instanceof AppFailure) || error.error.code !== 'engine-died') throw error;
    return { machine: bareMachine(), providers: ['cpu'] };
  } finally {
    // Nobody has to wait for its end, which takes as long as the answer did.
    void engine.close();
  }
}

/** What Node knows without looking. */
function bareMachine(): Machine {
  const [first] = os.cpus();
  const cores = os.availableParallelism();
  return {
    platform: os.platform(),
    osRelease: os.release(),
    cpu: { name: first?.model ?? '', physicalCores: cores, logicalCores: cores, instructionSets: [] },
    memoryTotalBytes: os.totalmem(),
    memoryAvailableBytes: process.availableMemory(),
    gpus: [],
  };
}

/**
 * The devices that a name stands for: all for `auto`, the one of that key, otherwise the first of that provider, also one that nobody has
 * seen but whose provider is there. Throws AppFailure `usage`, or `device-failed` where there is none.
 */
export function devicesNamed(name: string, hardware: Hardware): readonly DeviceFacts[] {
  if (name === 'auto') return hardware.devices;
  const keyed = hardware.devices.find(({ key }) => key === name);
  if (keyed) return [keyed];
  const provider = deviceNames.find((each): each is Provider => each === name && each !== 'auto');
  if (!provider) {
    const detail = `There is no device ${name}; choose ${deviceNames.join(', ')}.`;
    throw new AppFailure({ code: 'usage', detail });
  }
  const device = hardware.devices.find((each) => each.provider === provider);
  if (device) return [device];
  if (hardware.providers.includes(provider)) return [unseenDevice(provider, hardware.machine)];
  const detail = 'this computer has no such device, or the libraries for it are missing';
  throw new AppFailure({ code: 'device-failed', device: provider, detail });
}

/** Detection can miss a card that the provider's driver finds. */
function unseenDevice(provider: Provider, machine: Machine): DeviceFacts {
  return {
    key: `${provider}|0|unseen|${machine.osRelease}`,
    provider,
    deviceId: 0,
    name: provider,
    vendor: 'other',
    kind: 'discrete-gpu',
    memoryBytes: null,
    availableBytes: null,
    cpu: null,
  };
}

/** A device as the engine's messages and results name it. */
export function asEngineDevice({ provider, deviceId, name }: DeviceFacts): Device {
  return { provider, deviceId, name: provider === 'cpu' ? 'cpu' : name };
}

export interface CheckOptions {
  /** Also what was checked before, and the CPU, that the others are held to. */
  readonly again?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onCheck?: ((device: DeviceFacts) => void) | undefined;
}

/**
 * Devices with the verdict of their self-check, which each but the CPU runs once, and again with another driver or
 * another version of the program. Each check has an engine of its own: a driver may take the process with it, which
 * is a verdict too. Throws AppFailure `cancelled`.
 */
export async function checkDevices(
  context: Context,
  devices: readonly DeviceFacts[],
  options: CheckOptions = {},
): Promise<readonly CheckedDevice[]> {
  const checked: CheckedDevice[] = [];
  for (const facts of devices) {
    const known = findDeviceCheck(context.db, facts.key, context.appVersion);
    const isDue = options.again || (!known && facts.provider !== 'cpu');
    if (isDue) options.onCheck?.(facts);
    const verdict = isDue ? await checkDevice(context, facts, options.signal) : (known?.verdict ?? null);
    checked.push({ facts, verdict });
  }
  return checked;
}

async function checkDevice(
  context: Context,
  facts: DeviceFacts,
  signal: AbortSignal | undefined,
): Promise<SelfCheckVerdict> {
  const engine = context.startEngine();
  try {
    const request = { jobId: context.newId(), device: asEngineDevice(facts) };
    const verdict = await engine.ask('check-device', request, { signal });
    storeVerdict(context, facts, verdict);
    return verdict;
  } catch (error) {
    if (!(error instanceof AppFailure) || error.error.code !== 'engine-died') throw error;
    return setAside(context, facts, { code: 'threw', detail: error.error.detail });
  } finally {
    await engine.close();
  }
}

/** Remembers that a device is not to be used until its driver or the program changes. */
export function setAside(context: Context, facts: DeviceFacts, failure: SelfCheckFailure): SelfCheckVerdict {
  const verdict = { passed: false, failure } as const;
  storeVerdict(context, facts, verdict);
  return verdict;
}

function storeVerdict({ db, now, appVersion }: Context, facts: DeviceFacts, verdict: SelfCheckVerdict): void {
  const checkedAt = now();
  db.transaction(() => {
    putDeviceCheck(db, { facts, verdict, appVersion, checkedAt });
    insertAudit(db, checkedAt, 'device-checked', facts.key, { ...verdict });
  }).immediate();
}
