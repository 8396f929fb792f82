import { describe, expect, it } from 'vitest';
import type { RunMeasurement, VariantFacts } from '../../../../main/core/choose/choice.ts';
import { dropDominated } from '../../../../main/core/choose/drop-dominated.ts';
import { expectRun } from '../../../../main/core/choose/expect-run.ts';
import { listDevices } from '../../../../main/core/devices/list-devices.ts';
import type { Vec3 } from '../../../../main/core/volume/volume.ts';
import { card, integrated, ladder, machine } from './simulated-machines.ts';

const patch: Vec3 = [128, 128, 128];
const voxels = 128 ** 3;
const [gpu, shared, cpu] = listDevices(
  machine(16, [card('nvidia', 'card', 8), integrated('intel', 'Intel UHD')]),
  ['cpu', 'dml'],
);
const [full, , half, third, tenth] = ladder as readonly [
  VariantFacts,
  VariantFacts,
  VariantFacts,
  VariantFacts,
  VariantFacts,
];

const measured = (
  variantId: string,
  seconds: number,
  rest: Partial<RunMeasurement> = {},
): RunMeasurement => ({
  deviceKey: cpu!.key,
  variantId,
  tileShape: patch,
  seconds,
  peakBytes: null,
  ...rest,
});

const onCpu = (variant: VariantFacts, measurements: readonly RunMeasurement[], size = voxels) =>
  expectRun(cpu!, variant, size, measurements, ladder);

describe('expectRun', () => {
  it('takes a measurement as it is, the latest one', () => {
    const run = onCpu(full, [measured('full', 9), measured('full', 7, { peakBytes: 2e9 })]);
    expect(run).toEqual({ seconds: 7, secondsBasis: 'measured', bytes: 2e9, bytesBasis: 'measured' });
  });

  it('scales a measurement of the same variant with the voxels of the tile', () => {
    const run = onCpu(full, [measured('full', 8, { peakBytes: 3e9 }), measured('DF 0.1', 1)], voxels / 8);
    expect(run.seconds).toBeCloseTo(1, 12);
    expect([run.secondsBasis, run.bytesBasis]).toEqual(['estimated', 'estimated']);
    const fixed = 150 * 2 ** 20 + full.weightBytes;
    expect(run.bytes).toBeCloseTo(fixed + (3e9 - fixed) / 8, 3);
  });

  it('corrects the estimate by the run of the same device that is most like it', () => {
    const plain = onCpu(third, []).seconds;
    const factor = (variant: VariantFacts, seconds: number) => seconds / onCpu(variant, []).seconds;
    const measurements = [measured('full', 20), measured('DF 0.5', 3), measured('DF 0.1', 4)];
    // 63 GMAC are nearer to 147 than to 24 by their ratio, and far from 479.
    expect(onCpu(third, measurements).seconds).toBeCloseTo(plain * factor(half, 3), 9);
    expect(onCpu(third, [measured('full', 20)]).seconds).toBeCloseTo(plain * factor(full, 20), 9);
    expect(onCpu(third, measurements).secondsBasis).toBe('estimated');
  });

  it('takes nothing over from another device, an unknown variant or a senseless figure', () => {
    const useless = [
      measured('full', 1, { deviceKey: 'other' }),
      measured('gone', 1),
      measured('full', 0),
      measured('full', NaN),
    ];
    expect(onCpu(full, useless)).toEqual(onCpu(full, []));
  });

  it('ranks kinds of devices as they are, and cores and instruction sets', () => {
    const seconds = (device: typeof cpu) => expectRun(device!, full, voxels, [], ladder).seconds;
    expect(seconds(gpu)).toBeLessThan(seconds(shared));
    expect(seconds(shared)).toBeLessThan(seconds(cpu));
    const withCpu = (physicalCores: number, instructionSets: string[]) =>
      seconds({ ...cpu!, cpu: { ...cpu!.cpu!, physicalCores, instructionSets } });
    expect(withCpu(8, ['avx', 'avx2'])).toBeLessThan(withCpu(4, ['avx', 'avx2']));
    expect(withCpu(4, ['avx', 'avx2', 'avx512f'])).toBeLessThan(withCpu(4, ['avx', 'avx2']));
    expect(withCpu(4, ['avx', 'avx2'])).toBeLessThan(withCpu(4, ['avx']));
    // Windows names no newer one than SSE2, which says nothing.
    expect(withCpu(4, ['sse2'])).toBe(withCpu(4, ['avx', 'avx2']));
  });

  it('is within a factor of two of what was measured on two AVX2 cores', () => {
    // onnxruntime 1.30, two cores, seconds a 128³ patch.
    const twoCores = { ...cpu!, cpu: { ...cpu!.cpu!, physicalCores: 2, instructionSets: ['avx', 'avx2'] } };
    for (const [variant, seconds] of [
      [full, 6.95],
      [half, 2.83],
      [third, 1.75],
      [tenth, 0.97],
    ] as const) {
      const expected = expectRun(twoCores, variant, voxels, [], ladder).seconds;
      expect(expected / seconds).toBeGreaterThan(0.5);
      expect(expected / seconds).toBeLessThan(2);
    }
  });
});

describe('dropDominated', () => {
  const facts = (id: string, fidelity: number | null): VariantFacts => ({ ...full, id, fidelity });

  it('keeps what gets faster as it gets less faithful', () => {
    const seconds: Readonly<Record<string, number>> = { a: 10, b: 12, c: 5, d: 5, e: 4, f: 1 };
    const variants = [facts('e', 0.6), facts('d', 0.7), facts('a', 1), facts('b', 0.9), facts('c', 0.8)];
    const kept = dropDominated([...variants, facts('f', null)], ({ id }) => seconds[id]!);
    expect(kept.map(({ id }) => id)).toEqual(['a', 'c', 'e']);
  });

  it('keeps equals', () => {
    const kept = dropDominated([facts('a', 1), facts('b', 1)], ({ id }) => (id === 'a' ? 1 : 2));
    expect(kept.length).toBe(2);
  });
});
