import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultPolicy,
  type Choice,
  type ChoiceInput,
  type VariantFacts,
} from '../../../../main/core/choose/choice.ts';
import { chooseVariant } from '../../../../main/core/choose/choose-variant.ts';
import { listOptions } from '../../../../main/core/choose/list-options.ts';
import type { SegmentationTask } from '../../../../main/core/choose/segmentation-task.ts';
import { listDevices } from '../../../../main/core/devices/list-devices.ts';
import type { Vec3 } from '../../../../main/core/volume/volume.ts';
import { card, gib, integrated, machine } from './simulated-machines.ts';

const tiles: readonly Vec3[] = [
  [128, 128, 128],
  [96, 96, 96],
  [64, 96, 96],
];
const task: SegmentationTask = {
  networkShape: [180, 200, 220],
  tiling: { kind: 'gaussian', step: 0.5 },
  tileShapes: tiles,
  runsPerTile: 2,
  otherSeconds: 10,
  hostBytes: 5e8,
};

/** Variants whose costs, fidelity and providers have nothing to do with each other: anything may dominate anything. */
const variantArbitrary: fc.Arbitrary<Omit<VariantFacts, 'id' | 'name' | 'patch'>> = fc.record({
  fidelity: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 90, max: 100 }).map((n) => n / 100) },
    fc.constant(null),
  ),
  providers: fc.constantFrom<VariantFacts['providers'][]>(['cpu', 'dml'], ['cpu', 'dml'], ['dml'], ['cpu']),
  macs: fc.integer({ min: 1, max: 500 }).map((n) => n * 1e9),
  movedBytes: fc.integer({ min: 1, max: 30 }).map((n) => n * 1e9),
  activationBytes: fc.integer({ min: 1, max: 60 }).map((n) => n * 1e8),
  weightBytes: fc.integer({ min: 1, max: 130 }).map((n) => n * 1e6),
});

const inputArbitrary: fc.Arbitrary<ChoiceInput> = fc
  .record({
    variants: fc.array(variantArbitrary, { minLength: 1, maxLength: 6 }),
    gpus: fc.array(
      fc.record({
        memory: fc.integer({ min: 1, max: 24 }),
        shared: fc.boolean(),
        verdict: fc.constantFrom(true, true, null),
      }),
      { maxLength: 2 },
    ),
    memory: fc.integer({ min: 5, max: 40 }),
    cores: fc.integer({ min: 1, max: 16 }),
    measured: fc.array(
      fc.record({
        device: fc.nat(2),
        variant: fc.nat(5),
        tile: fc.nat(2),
        seconds: fc.integer({ min: 1, max: 500 }).map((n) => n / 10),
        peakBytes: fc.option(fc.integer({ min: 1, max: 80 }).map((n) => n * 1e8)),
      }),
      { maxLength: 8 },
    ),
    maxSeconds: fc.option(fc.integer({ min: 5, max: 2000 })),
    memoryMargin: fc.constantFrom(0, 0.2, 0.5),
    fidelityFloor: fc.integer({ min: 90, max: 100 }).map((n) => n / 100),
  })
  .map(({ gpus, memory, cores, measured, ...rest }) => {
    const computer = machine(
      memory,
      gpus.map(({ memory: own, shared }, i) =>
        shared ? integrated('intel', `Intel UHD ${i}`) : card('nvidia', `card ${i}`, own),
      ),
      cores,
    );
    const facts = listDevices(computer, ['cpu', 'dml']);
    const variants = rest.variants.map((each, i) => ({
      ...each,
      id: `v${i}`,
      name: `v${i}`,
      patch: tiles[0]!,
    }));
    return {
      variants,
      devices: facts.map((device, i) => ({
        facts: device,
        verdict: gpus[i]?.verdict ? ({ passed: true, agreement: 1 } as const) : null,
      })),
      measurements: measured.flatMap(({ device, variant, tile, seconds, peakBytes }) =>
        facts[device] && variants[variant]
          ? [
              {
                deviceKey: facts[device].key,
                variantId: variants[variant].id,
                tileShape: tiles[tile]!,
                seconds,
                peakBytes,
              },
            ]
          : [],
      ),
      failures: [],
      task,
      hostAvailableBytes: computer.memoryAvailableBytes,
      policy: {
        ...defaultPolicy,
        maxSeconds: rest.maxSeconds,
        memoryMargin: rest.memoryMargin,
        fidelityFloor: rest.fidelityFloor,
      },
    };
  });

/** `extra` is a number for the property to change the input by. */
function check(property: (input: ChoiceInput, extra: number) => void): void {
  fc.assert(fc.property(inputArbitrary, fc.integer({ min: 1, max: 1000 }), property), {
    seed: 3,
    numRuns: 1500,
  });
}

const fidelityOf = (choice: Choice) => choice.variant.fidelity ?? 0;

/** Both as choices; null where one of them is refused. */
function both(before: ChoiceInput, after: ChoiceInput): readonly [Choice, Choice] | null {
  const [a, b] = [chooseVariant(before), chooseVariant(after)];
  return a.kind === 'choice' && b.kind === 'choice' ? [a, b] : null;
}

describe('chooseVariant', () => {
  it('is tried on inputs that lead to every kind of answer', () => {
    const seen = new Map<string, number>();
    check((input) => {
      const answer = chooseVariant(input);
      const code = answer.kind === 'choice' ? answer.reason.code : answer.code;
      seen.set(code, (seen.get(code) ?? 0) + 1);
    });
    for (const code of ['most-faithful', 'most-faithful-possible', 'fastest', 'below-floor']) {
      expect(seen.get(code) ?? 0, code).toBeGreaterThan(50);
    }
    expect(seen.get('too-little-memory') ?? 0).toBeGreaterThan(10);
  });

  it('chooses what fits with the margin, what is faithful enough, what is checked and what runs there', () => {
    check((input) => {
      const choice = chooseVariant(input);
      if (choice.kind === 'refusal') return;
      const { variant, device } = choice;
      const factor = 1 + input.policy.memoryMargin;
      const shared = device.kind !== 'discrete-gpu';
      const limit = shared ? input.hostAvailableBytes : device.availableBytes!;
      expect(choice.expectedBytes * factor).toBeLessThanOrEqual(limit);
      expect(variant.fidelity).toBeGreaterThanOrEqual(input.policy.fidelityFloor);
      expect(variant.providers).toContain(device.provider);
      const checked = input.devices.find(({ facts }) => facts.key === device.key)!;
      expect(device.provider === 'cpu' || checked.verdict?.passed).toBe(true);
      expect(choice.expectedSeconds <= (input.policy.maxSeconds ?? Infinity)).toBe(choice.reason.inTime);
    });
  });

  it('never chooses what a more faithful one that would do as well is not slower than', () => {
    check((input) => {
      const choice = chooseVariant(input);
      if (choice.kind === 'refusal') return;
      const usable = input.devices.filter(
        ({ facts, verdict }) => verdict?.passed || facts.provider === 'cpu',
      );
      const options = usable.flatMap(({ facts }) =>
        input.variants
          .filter(({ providers }) => providers.includes(facts.provider))
          .flatMap((variant) => listOptions(input, facts, variant)),
      );
      const possible = options.filter(({ state }) => state === 'possible');
      const secondsOf = (tiles: typeof possible) => Math.min(...tiles.map(({ seconds }) => seconds));
      const own = secondsOf(
        possible.filter((each) => each.device === choice.device && each.variant === choice.variant),
      );
      const moreFaithful = possible.filter(
        ({ variant }) => variant.fidelity !== null && variant.fidelity > fidelityOf(choice),
      );
      expect(secondsOf(moreFaithful)).toBeGreaterThan(own);
    });
  });

  it('is never less faithful with more memory, where the wish was met with less', () => {
    check((input, extra) => {
      const more = {
        ...input,
        hostAvailableBytes: input.hostAvailableBytes + (extra / 50) * gib,
        devices: input.devices.map((device) => ({
          ...device,
          facts: {
            ...device.facts,
            availableBytes: device.facts.availableBytes! + (extra / 50) * gib,
          },
        })),
      };
      expect(chooseVariant(input).kind === 'choice' && chooseVariant(more).kind === 'refusal').toBe(false);
      const choices = both(input, more);
      if (!choices || !choices[0].reason.inTime) return;
      expect(fidelityOf(choices[1])).toBeGreaterThanOrEqual(fidelityOf(choices[0]));
      expect(choices[1].reason.inTime).toBe(true);
    });
  });

  it('is never less faithful with more time', () => {
    check((input, extra) => {
      if (input.policy.maxSeconds === null) return;
      for (const maxSeconds of [input.policy.maxSeconds + extra, null]) {
        const choices = both(input, { ...input, policy: { ...input.policy, maxSeconds } });
        if (choices) expect(fidelityOf(choices[1])).toBeGreaterThanOrEqual(fidelityOf(choices[0]));
      }
    });
  });

  it('is never less faithful with a higher floor', () => {
    check((input, extra) => {
      const fidelityFloor = input.policy.fidelityFloor + extra / 10_000;
      const choices = both(input, { ...input, policy: { ...input.policy, fidelityFloor } });
      if (choices) expect(fidelityOf(choices[1])).toBeGreaterThanOrEqual(fidelityOf(choices[0]));
    });
  });

  it('never chooses again what ran out of memory, and comes to an end', () => {
    check((start) => {
      const tried = new Set<string>();
      let input = start;
      for (let choice = chooseVariant(input); choice.kind === 'choice'; choice = chooseVariant(input)) {
        const { device, variant, tileShape } = choice;
        const run = [device.key, variant.id, tileShape].join();
        expect(tried.has(run)).toBe(false);
        tried.add(run);
        const failure = { deviceKey: device.key, variantId: variant.id, tileShape };
        input = { ...input, failures: [...input.failures, failure] };
      }
      expect(tried.size).toBeLessThanOrEqual(3 * start.devices.length * start.variants.length);
    });
  });

  it('does not depend on the order in which things are listed', () => {
    check((input) => {
      const reversed = {
        ...input,
        variants: input.variants.toReversed(),
        devices: input.devices.toReversed(),
      };
      const choices = both(input, reversed);
      if (!choices) return;
      const [a, b] = choices;
      expect([fidelityOf(b), b.expectedSeconds, b.expectedBytes]).toEqual([
        fidelityOf(a),
        a.expectedSeconds,
        a.expectedBytes,
      ]);
    });
  });
});
