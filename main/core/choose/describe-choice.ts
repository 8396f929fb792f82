import { describeFailure } from '../devices/self-check.ts';
import type { Choice, PassedOver, Refusal } from './choice.ts';

/**
 * The reason as one sentence for whoever waits for the result: `The DF 0.5 variant (overlap with the full model 98 %)
 * runs on NVIDIA T1000 in about 50 s, because the full variant needs 5.3 GB of memory and 3.4 GB can be used.`
 */
export function describeChoice(choice: Choice): string {
  const { variant, device, reason } = choice;
  const parts = [
    `The ${variant.name} variant${overlap(choice)} runs on ${device.name} in ${duration(choice.expectedSeconds)}${late(choice)}`,
    ...(reason.smallerTile ? ['in smaller pieces than it was made for'] : []),
    because(choice),
  ];
  return `${parts.join(', ')}${caveats(choice)}.`;
}

function overlap({ variant, reason }: Choice): string {
  if (reason.code === 'most-faithful') return '';
  if (variant.fidelity === null) return ' (never compared with the full model)';
  return ` (overlap with the full model ${percent(variant.fidelity)})`;
}

function late({ reason: { inTime, maxSeconds } }: Choice): string {
  return inTime || maxSeconds === null ? '' : ` instead of the ${span(maxSeconds)} wished for`;
}

function because({ reason }: Choice): string {
  const { code, passedOver, maxSeconds } = reason;
  const obstacle = passedOver ? `because ${describeObstacle(passedOver, maxSeconds)}` : '';
  switch (code) {
    case 'most-faithful':
      return 'and no variant is more faithful';
    case 'most-faithful-possible':
      return obstacle;
    case 'fastest':
      return 'the fastest that is faithful enough';
    case 'asked-for':
      return `as asked for${obstacle && `, ${obstacle}`}`;
  }
}

function describeObstacle(passed: PassedOver, maxSeconds: number | null): string {
  const variant = `the ${passed.variant} variant`;
  switch (passed.because) {
    case 'memory':
      return `${variant} needs ${gigabytes(passed.neededBytes)} of memory and ${gigabytes(passed.usableBytes)} can be used`;
    case 'time':
      return `${variant} would take ${duration(passed.seconds)}${maxSeconds === null ? '' : `, and ${span(maxSeconds)} were wished for`}`;
    case 'ran-out-of-memory':
      return `${variant} ran out of memory before`;
    case 'no-device':
      return `no device here runs ${variant}`;
  }
}

function caveats({ reason, device }: Choice): string {
  const known = [
    ...(reason.faithfulEnough === 'no' ? ['it is less faithful than is advised'] : []),
    ...(reason.deviceChecked ? [] : ['the device has not been checked for right results']),
    ...(device.kind === 'cpu'
      ? reason.setAside.map((each) => `${each.device} is not used: ${describeFailure(each.failure)}`)
      : []),
  ];
  return known.map((caveat) => `; ${caveat}`).join('');
}

/** What is wrong, and what to do. */
export function describeRefusal(refusal: Refusal): string {
  switch (refusal.code) {
    case 'no-variants':
      return 'The model has no variant to run.';
    case 'no-device':
      return 'No device of this computer runs a variant of this model that is faithful enough.';
    case 'unknown-variant':
      return `The model has no variant ${refusal.variantId}.`;
    case 'unknown-device':
      return `This computer has no device ${refusal.deviceKey}.`;
    case 'device-set-aside':
      return `${refusal.device} was set aside: ${describeFailure(refusal.failure)}.`;
    case 'wrong-provider':
      return `The ${refusal.variant} variant does not run on ${refusal.device}; choose another device or variant.`;
    case 'below-floor':
      return refusal.best === null
        ? 'No variant of this model was ever compared with the full one; evaluate one, or name the one to use.'
        : `The most faithful variant reaches ${percent(refusal.best)} overlap with the full model, and ${percent(refusal.floor)} are asked for; name it to use it nevertheless.`;
    case 'too-little-memory':
      return `Not enough memory: the ${refusal.variant} variant needs ${gigabytes(refusal.neededBytes)} on ${refusal.device}, and ${gigabytes(refusal.usableBytes)} can be used; close other programs or make a smaller variant.`;
    case 'ran-out-of-memory':
      return 'Every variant that might fit has run out of memory; close other programs or make a smaller variant.';
  }
}

function percent(part: number): string {
  // Rounded down: 99.96 % is not all of it.
  return `${Math.floor(part * 1000 + 1e-9) / 10} %`;
}

function gigabytes(bytes: number): string {
  return `${(Math.max(0, bytes) / 1e9).toFixed(1)} GB`;
}

function duration(seconds: number): string {
  return `about ${span(seconds)}`;
}

function span(seconds: number): string {
  if (seconds < 1) return '1 s';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 360) / 10} h`;
}
