import { describe, expect, it } from 'vitest';
import type { Choice, ChoiceReason, Refusal } from '../../../../main/core/choose/choice.ts';
import { describeChoice, describeRefusal } from '../../../../main/core/choose/describe-choice.ts';
import { listDevices } from '../../../../main/core/devices/list-devices.ts';
import { card, ladder, machine } from './simulated-machines.ts';

const [gpu, cpu] = listDevices(machine(16, [card('nvidia', 'NVIDIA T1000', 4)]), ['cpu', 'dml']);

const choice = (reason: Partial<ChoiceReason>, rest: Partial<Choice> = {}): Choice => ({
  kind: 'choice',
  variant: ladder[2]!,
  device: gpu!,
  tileShape: [128, 128, 128],
  expectedSeconds: 49.6,
  secondsBasis: 'estimated',
  expectedBytes: 3e9,
  bytesBasis: 'estimated',
  ...rest,
  reason: {
    code: 'most-faithful-possible',
    passedOver: null,
    smallerTile: false,
    faithfulEnough: 'yes',
    deviceChecked: true,
    maxSeconds: 600,
    inTime: true,
    setAside: [],
    ...reason,
  },
});

describe('describeChoice', () => {
  it.each<[Choice, string]>([
    [
      choice({ code: 'most-faithful' }, { variant: ladder[0]!, expectedSeconds: 252 }),
      'The full variant runs on NVIDIA T1000 in about 4 min, and no variant is more faithful.',
    ],
    [
      choice({ passedOver: { variant: 'full', because: 'memory', neededBytes: 5.33e9, usableBytes: 3.4e9 } }),
      'The DF 0.5 variant (overlap with the full model 99 %) runs on NVIDIA T1000 in about 50 s, because the full variant needs 5.3 GB of memory and 3.4 GB can be used.',
    ],
    [
      choice({ passedOver: { variant: 'full', because: 'time', seconds: 7200 }, smallerTile: true }),
      'The DF 0.5 variant (overlap with the full model 99 %) runs on NVIDIA T1000 in about 50 s, in smaller pieces than it was made for, because the full variant would take about 2 h, and 10 min were wished for.',
    ],
    [
      choice({ code: 'fastest', inTime: false, maxSeconds: 30 }),
      'The DF 0.5 variant (overlap with the full model 99 %) runs on NVIDIA T1000 in about 50 s instead of the 30 s wished for, the fastest that is faithful enough.',
    ],
    [
      choice({ passedOver: { variant: 'full', because: 'ran-out-of-memory' } }, { device: cpu! }),
      'The DF 0.5 variant (overlap with the full model 99 %) runs on Intel Core i5 in about 50 s, because the full variant ran out of memory before.',
    ],
    [
      choice({ code: 'asked-for', faithfulEnough: 'no', deviceChecked: false }, { variant: ladder[4]! }),
      'The DF 0.1 variant (overlap with the full model 57 %) runs on NVIDIA T1000 in about 50 s, as asked for; it is less faithful than is advised; the device has not been checked for right results.',
    ],
    [
      choice(
        { code: 'most-faithful', setAside: [{ device: 'NVIDIA T1000', failure: { code: 'all-zero' } }] },
        { device: cpu!, variant: ladder[0]!, expectedSeconds: 0.2 },
      ),
      'The full variant runs on Intel Core i5 in about 1 s, and no variant is more faithful; NVIDIA T1000 is not used: it gave nothing but zeros.',
    ],
  ])('%#', (given, sentence) => {
    expect(describeChoice(given)).toBe(sentence);
  });
});

describe('describeRefusal', () => {
  it.each<[Refusal, string]>([
    [
      {
        kind: 'refusal',
        code: 'too-little-memory',
        variant: 'DF 0.3',
        device: 'Intel Core i5',
        neededBytes: 2.94e9,
        usableBytes: 2.1e9,
      },
      'Not enough memory: the DF 0.3 variant needs 2.9 GB on Intel Core i5, and 2.1 GB can be used; close other programs or make a smaller variant.',
    ],
    [
      { kind: 'refusal', code: 'below-floor', best: 0.9498, floor: 0.95 },
      'The most faithful variant reaches 94.9 % overlap with the full model, and 95 % are asked for; name it to use it nevertheless.',
    ],
    [
      {
        kind: 'refusal',
        code: 'device-set-aside',
        device: 'Intel UHD',
        failure: { code: 'wrong-labels', agreement: 0.9 },
      },
      "Intel UHD was set aside: 10 % of the labels differ from the CPU's.",
    ],
  ])('%#', (given, sentence) => {
    expect(describeRefusal(given)).toBe(sentence);
  });
});
