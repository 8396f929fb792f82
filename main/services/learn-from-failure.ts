import type { AppFailure } from '../contract/app-error.ts';
import type { DeviceFacts } from '../core/devices/list-devices.ts';
import type { SelfCheckVerdict } from '../core/devices/self-check.ts';
import type { Vec3 } from '../core/volume/volume.ts';
import { putMemoryFailure } from '../db/queries/devices.ts';
import type { VariantRow } from '../db/queries/models.ts';
import { availableTo, type Candidates } from './choose.ts';
import type { Context } from './context.ts';
import { setAside } from './devices.ts';

/** What was tried. */
export interface Attempt {
  readonly facts: DeviceFacts;
  readonly variant: VariantRow;
  readonly tileShape: Vec3;
}

/**
 * What is left to choose from after a run failed, or null where another choice would not help. Out of memory: that
 * variant in that tile is not chosen again on that device. A device that gave what no network gives is set aside for
 * good, one that failed otherwise for this time only: its driver may have been reset.
 */
export function learnFrom(
  context: Context,
  candidates: Candidates,
  { facts, variant, tileShape }: Attempt,
  { error }: AppFailure,
): Candidates | null {
  switch (error.code) {
    case 'out-of-memory': {
      const failure = { deviceKey: facts.key, variantId: variant.id, tileShape };
      putMemoryFailure(context.db, {
        ...failure,
        availableBytes: availableTo(facts, process.availableMemory()),
        appVersion: context.appVersion,
        failedAt: context.now(),
      });
      return { ...candidates, failures: [...candidates.failures, failure] };
    }
    case 'device-failed': {
      if (facts.provider === 'cpu') return null;
      const { detail, fault } = error;
      const verdict = fault
        ? setAside(context, facts, fault)
        : ({ passed: false, failure: { code: 'failed-at-work', detail } } as const);
      return withVerdict(candidates, facts, verdict);
    }
    default:
      return null;
  }
}

function withVerdict(candidates: Candidates, { key }: DeviceFacts, verdict: SelfCheckVerdict): Candidates {
  const devices = candidates.devices.map((each) => (each.facts.key === key ? { ...each, verdict } : each));
  return { ...candidates, devices };
}
