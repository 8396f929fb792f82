import { describe, expect, it } from 'vitest';
import {
  defaultPolicy,
  type CheckedDevice,
  type Choice,
  type ChoiceInput,
  type ChoicePolicy,
} from '../../../../main/core/choose/choice.ts';
import { chooseVariant } from '../../../../main/core/choose/choose-variant.ts';
import { listDevices } from '../../../../main/core/devices/list-devices.ts';
import type { Machine, Provider } from '../../../../main/core/devices/machine.ts';
import { card, gib, integrated, ladder, machine, task, windows } from './simulated-machines.ts';

const passed = { passed: true, agreement: 1 } as const;
const zeros = { passed: false, failure: { code: 'all-zero' } } as const;

function inputFor(
  computer: Machine,
  policy: Partial<ChoicePolicy> = {},
  providers: readonly Provider[] = windows,
): ChoiceInput {
  return {
    variants: ladder,
    devices: listDevices(computer, providers).map((facts) => ({
      facts,
      verdict: facts.provider === 'cpu' ? null : passed,
    })),
    measurements: [],
    failures: [],
    task,
    hostAvailableBytes: computer.memoryAvailableBytes,
    policy: { ...defaultPolicy, ...policy },
  };
}

function choiceFor(input: ChoiceInput): Choice {
  const choice = chooseVariant(input);
  if (choice.kind === 'refusal') throw new Error(JSON.stringify(choice));
  return choice;
}

const gtx1650 = card('nvidia', 'NVIDIA GeForce GTX 1650', 4);
const rx5600 = card('amd', 'AMD Radeon RX 5600', 6);
const arc = card('intel', 'Intel Arc A750', 8);
const rtx3060 = card('nvidia', 'NVIDIA GeForce RTX 3060', 12);
const rx7900 = card('amd', 'AMD Radeon RX 7900 XTX', 24);
const old = card('nvidia', 'NVIDIA GeForce GTX 750', 2);
const uhd = integrated('intel', 'Intel UHD Graphics 630');
const vega = integrated('amd', 'AMD Radeon(TM) Vega 8 Graphics');

/** Machine, seconds wished for, and what has to come out: variant, device, edge of the tile, reason. */
const table: readonly (readonly [
  string,
  Machine,
  number | null,
  readonly [string, string, number, Choice['reason']['code']],
])[] = [
  // 4.8 GB with a fifth to spare do not fit 4 or 6 GB, three quarters of the patch do.
  ['4 GB NVIDIA', machine(16, [gtx1650]), 600, ['full', gtx1650.name, 96, 'most-faithful']],
  ['6 GB AMD', machine(16, [rx5600]), 600, ['full', rx5600.name, 96, 'most-faithful']],
  ['8 GB Intel', machine(16, [arc]), 600, ['full', arc.name, 128, 'most-faithful']],
  ['12 GB NVIDIA', machine(32, [rtx3060]), 600, ['full', rtx3060.name, 128, 'most-faithful']],
  ['24 GB AMD', machine(64, [rx7900]), 600, ['full', rx7900.name, 128, 'most-faithful']],
  // In a hurry the variants count: DF 0.9 is slower than the full model and never an answer.
  ['24 GB in 40 s', machine(64, [rx7900]), 40, ['DF 0.5', rx7900.name, 128, 'most-faithful-possible']],
  ['24 GB in 30 s', machine(64, [rx7900]), 30, ['DF 0.3', rx7900.name, 128, 'most-faithful-possible']],
  ['24 GB in 5 s', machine(64, [rx7900]), 5, ['DF 0.3', rx7900.name, 128, 'fastest']],
  // Of the full model not even the smaller tile fits 2 GB, of DF 0.5 it does; with patience the CPU takes the full model.
  ['2 GB NVIDIA in 60 s', machine(16, [old]), 60, ['DF 0.5', old.name, 96, 'most-faithful-possible']],
  ['2 GB NVIDIA', machine(16, [old]), 600, ['full', 'Intel Core i5', 128, 'most-faithful']],
  // Integrated graphics share the main memory.
  ['integrated Intel, 16 GB', machine(16, [uhd]), 600, ['full', uhd.name, 128, 'most-faithful']],
  ['integrated AMD, 8 GB', machine(8, [vega]), 600, ['full', vega.name, 96, 'most-faithful']],
  ['integrated AMD in 2 min', machine(8, [vega]), 120, ['DF 0.5', vega.name, 96, 'most-faithful-possible']],
  ['card beside integrated', machine(16, [uhd, rtx3060]), 600, ['full', rtx3060.name, 128, 'most-faithful']],
  // The full model's tile does not fit 5 GB of free memory, three quarters of it do.
  ['8 GB, CPU only', machine(8, []), 600, ['full', 'Intel Core i5', 96, 'most-faithful']],
  ['8 GB, CPU only, 150 s', machine(8, []), 150, ['DF 0.5', 'Intel Core i5', 128, 'most-faithful-possible']],
  ['8 GB, CPU only, 30 s', machine(8, []), 30, ['DF 0.3', 'Intel Core i5', 128, 'fastest']],
  ['8 GB, no wish', machine(8, []), null, ['full', 'Intel Core i5', 96, 'most-faithful']],
  ['two cores', machine(8, [], 2), 600, ['full', 'Intel Core i5', 96, 'most-faithful']],
];

describe('simulated machines', () => {
  it.each(table)('%s', (_name, computer, maxSeconds, [variant, device, edge, code]) => {
    const choice = choiceFor(inputFor(computer, { maxSeconds }));
    expect([choice.variant.name, choice.device.name, choice.tileShape[0], choice.reason.code]).toEqual([
      variant,
      device,
      edge,
      code,
    ]);
    expect([choice.secondsBasis, choice.bytesBasis]).toEqual(['estimated', 'estimated']);
    if (code !== 'fastest') expect(choice.expectedSeconds).toBeLessThanOrEqual(maxSeconds ?? Infinity);
  });

  it('runs CUDA where there is CUDA and the CPU where there is no provider for the card', () => {
    const computer = machine(16, [rx7900, rtx3060]);
    expect(choiceFor(inputFor(computer, {}, ['cpu', 'cuda'])).device).toMatchObject({
      provider: 'cuda',
      name: rtx3060.name,
    });
    expect(choiceFor(inputFor(computer, {}, ['cpu'])).device.provider).toBe('cpu');
  });
});

const withDevices = (input: ChoiceInput, change: (device: CheckedDevice) => CheckedDevice): ChoiceInput => ({
  ...input,
  devices: input.devices.map(change),
});

describe('devices', () => {
  const input = inputFor(machine(16, [rtx3060]));
  const withVerdict = (verdict: CheckedDevice['verdict']) =>
    withDevices(input, (device) => (device.facts.provider === 'cpu' ? device : { ...device, verdict }));

  it('uses none that was set aside, and says so', () => {
    const { device, reason } = choiceFor(withVerdict(zeros));
    expect(device.provider).toBe('cpu');
    expect(reason.setAside).toEqual([{ device: rtx3060.name, failure: { code: 'all-zero' } }]);
  });

  it('uses none that was not checked, unless asked for', () => {
    const unchecked = withVerdict(null);
    expect(choiceFor(unchecked).device.provider).toBe('cpu');
    const { key } = input.devices[0]!.facts;
    const asked = choiceFor({ ...unchecked, policy: { ...unchecked.policy, deviceKey: key } });
    expect(asked.device.name).toBe(rtx3060.name);
    expect(asked.reason).toMatchObject({ code: 'asked-for', deviceChecked: false });
  });

  it('uses none of unknown memory, unless asked for', () => {
    const unknown = withDevices(input, (device) =>
      device.facts.provider === 'cpu'
        ? device
        : { ...device, facts: { ...device.facts, availableBytes: null } },
    );
    expect(choiceFor(unknown).device.provider).toBe('cpu');
    const { key } = input.devices[0]!.facts;
    expect(choiceFor({ ...unknown, policy: { ...unknown.policy, deviceKey: key } }).device.key).toBe(key);
  });

  it('does not use a CPU that fails', () => {
    const broken = withDevices(input, (device) =>
      device.facts.provider === 'cpu' ? { ...device, verdict: zeros } : { ...device, verdict: null },
    );
    expect(chooseVariant(broken)).toEqual({ kind: 'refusal', code: 'no-device' });
  });
});

describe('running out of memory', () => {
  it('goes down: smaller tile, smaller variant, and the CPU at last', () => {
    const start = inputFor(machine(16, [arc]), { maxSeconds: 60 });
    const steps: string[] = [];
    let input = start;
    for (let step = 0; step < 8; step++) {
      const { variant, device, tileShape } = choiceFor(input);
      steps.push(`${variant.name} ${device.provider} ${tileShape[0]}`);
      if (device.provider === 'cpu') break;
      const failure = { deviceKey: device.key, variantId: variant.id, tileShape };
      input = { ...input, failures: [...input.failures, failure] };
    }
    expect(steps).toEqual([
      'full dml 128',
      'full dml 96',
      'DF 0.5 dml 128',
      'DF 0.5 dml 96',
      'DF 0.3 dml 128',
      'DF 0.3 dml 96',
      // On four cores in nothing like a minute, but it is what is left.
      'DF 0.3 cpu 128',
    ]);
    expect(choiceFor(input).reason).toMatchObject({
      code: 'fastest',
      passedOver: { variant: 'full', because: 'time' },
    });
  });

  it('says that it happened', () => {
    const input = inputFor(machine(16, [arc]), { maxSeconds: 60 });
    const dml = input.devices[0]!.facts.key;
    const failure = { deviceKey: dml, variantId: 'full', tileShape: [96, 96, 96] as const };
    const onlyCard = { ...input, devices: input.devices.slice(0, 1), failures: [failure] };
    // The larger tile is not tried either.
    expect(choiceFor(onlyCard)).toMatchObject({
      variant: { name: 'DF 0.5' },
      reason: { passedOver: { variant: 'full', because: 'ran-out-of-memory' } },
    });
    const failures = ladder.map(({ id }) => ({ ...failure, variantId: id }));
    expect(chooseVariant({ ...onlyCard, failures })).toEqual({ kind: 'refusal', code: 'ran-out-of-memory' });
  });
});

describe('measurements', () => {
  const input = inputFor(machine(16, [rtx3060]));
  const { key } = input.devices[0]!.facts;
  const measured = (variantId: string, seconds: number, peakBytes: number | null = null) => ({
    deviceKey: key,
    variantId,
    tileShape: [128, 128, 128] as const,
    seconds,
    peakBytes,
  });

  it('are believed over estimates', () => {
    const choice = choiceFor({ ...input, measurements: [measured('full', 0.25, 3e9)] });
    expect(choice).toMatchObject({ expectedBytes: 3e9, secondsBasis: 'measured', bytesBasis: 'measured' });
    // 64 tiles of a quarter of a second, and 20 s for the rest.
    expect(choice.expectedSeconds).toBe(36);
  });

  it('drop a variant that is slower than a more faithful one, whatever its size', () => {
    const hurried = { ...input, policy: { ...input.policy, maxSeconds: 30 } };
    const measurements = [measured('full', 0.2), measured('DF 0.5', 0.1), measured('DF 0.3', 0.12)];
    expect(choiceFor({ ...hurried, measurements }).variant.name).toBe('DF 0.5');
    const slow = [measured('full', 0.2), measured('DF 0.5', 0.25), measured('DF 0.3', 0.22)];
    expect(choiceFor({ ...hurried, measurements: slow })).toMatchObject({
      variant: { name: 'full' },
      reason: { code: 'fastest' },
    });
  });
});

describe('what the user asks for', () => {
  const input = inputFor(machine(16, [rtx3060]));
  const asking = (policy: Partial<ChoicePolicy>) => ({ ...input, policy: { ...input.policy, ...policy } });

  it('is done, under the floor and without any known fidelity too', () => {
    expect(choiceFor(asking({ variantId: 'DF 0.1' }))).toMatchObject({
      variant: { name: 'DF 0.1' },
      device: { name: rtx3060.name },
      reason: { code: 'asked-for', faithfulEnough: 'no', passedOver: null },
    });
    const variants = ladder.map((each) => ({ ...each, fidelity: null }));
    expect(choiceFor({ ...asking({ variantId: 'DF 0.5' }), variants }).reason.faithfulEnough).toBe('unknown');
    expect(choiceFor(asking({ variantId: 'DF 0.9' })).variant.name).toBe('DF 0.9');
    expect(choiceFor(asking({ deviceKey: input.devices[1]!.facts.key })).device.provider).toBe('cpu');
  });

  it('is refused where it cannot be', () => {
    const [gpu] = input.devices;
    const { key } = gpu!.facts;
    expect(chooseVariant(asking({ variantId: 'x' }))).toMatchObject({ code: 'unknown-variant' });
    expect(chooseVariant(asking({ deviceKey: 'x' }))).toMatchObject({ code: 'unknown-device' });
    const bad = withDevices(asking({ deviceKey: key }), (each) => ({ ...each, verdict: zeros }));
    expect(chooseVariant(bad)).toMatchObject({ code: 'device-set-aside', device: rtx3060.name });
    const cpuOnly = ladder.map((each) => ({ ...each, providers: ['cpu'] as const }));
    const wrong = { ...asking({ variantId: 'full', deviceKey: key }), variants: cpuOnly };
    expect(chooseVariant(wrong)).toMatchObject({ code: 'wrong-provider', variant: 'full' });
    expect(chooseVariant({ ...asking({ deviceKey: key }), variants: cpuOnly })).toMatchObject({
      code: 'no-device',
    });
  });
});

describe('refusals', () => {
  const input = inputFor(machine(16, []));

  it('says what is missing', () => {
    expect(chooseVariant({ ...input, variants: [] })).toMatchObject({ code: 'no-variants' });
    const poor = ladder.filter(({ fidelity }) => fidelity !== null && fidelity < 0.95);
    expect(chooseVariant({ ...input, variants: poor })).toMatchObject({ code: 'below-floor', best: 0.57 });
    const unknown = ladder.map((each) => ({ ...each, fidelity: null }));
    expect(chooseVariant({ ...input, variants: unknown })).toMatchObject({ code: 'below-floor', best: null });
  });

  it('names the memory that the nearest fit would need', () => {
    const small = inputFor(machine(5, []));
    const refusal = chooseVariant(small);
    expect(refusal).toMatchObject({ code: 'too-little-memory', variant: 'DF 0.3', usableBytes: 2 * gib });
    if (refusal.kind !== 'refusal' || refusal.code !== 'too-little-memory') return;
    expect(refusal.neededBytes).toBeGreaterThan(2 * gib);
    // A byte less than that is too little, that much is enough.
    const withMemory = (bytes: number) => chooseVariant({ ...small, hostAvailableBytes: bytes }).kind;
    expect(withMemory(refusal.neededBytes - 1)).toBe('refusal');
    expect(withMemory(refusal.neededBytes)).toBe('choice');
  });

  it('counts the main memory for a card too', () => {
    const input = { ...inputFor(machine(16, [rtx3060])), hostAvailableBytes: gib };
    expect(chooseVariant(input)).toMatchObject({ code: 'too-little-memory', usableBytes: gib });
  });
});
