import { AppFailure } from '../contract/app-error.ts';
import type { NetworkTiming } from '../contract/device-requests.ts';
import { insertAudit } from '../db/queries/audit.ts';
import { putRunMeasurement } from '../db/queries/devices.ts';
import { insertVariant } from '../db/queries/models.ts';
import { putRaw } from './blob-store.ts';
import type { Context } from './context.ts';
import { findVariant, fullVariant, getModel, type ModelSummary } from './models.ts';
import type { WeighedLadder } from './weigh-ladder.ts';

/**
 * Stores the rungs that are worth having, with what was measured of them; all or none. Throws AppFailure
 * `model-refused` where there are none, and `model-not-found` where another program has removed the model meanwhile.
 */
export function storeLadder(
  { db, now, appVersion }: Context,
  model: ModelSummary,
  { cpu, full, kept, dropped }: WeighedLadder,
): ModelSummary {
  if (kept.length === 0) {
    const reasons = dropped.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
    const detail = `no variant would be worth having (${reasons})`;
    throw new AppFailure({ code: 'model-refused', path: model.id, detail });
  }
  const createdAt = now();
  const measured = (variantId: string, timing: NetworkTiming | null): void => {
    if (!timing) return;
    const row = { deviceKey: cpu.key, variantId, tileShape: model.recipe.patch, ...timing };
    putRunMeasurement(db, { ...row, appVersion, measuredAt: createdAt });
  };
  db.transaction(() => {
    const current = getModel(db, model.id);
    measured(findVariant(current, fullVariant).id, full);
    for (const { name, recipe, networks, parameters, macs, timing } of kept) {
      // Another program may have made the same one meanwhile.
      if (current.variants.some((each) => each.name === name)) continue;
      const id = `${model.id}/${name}`;
      const row = { id, modelId: model.id, name, recipe, parameters, macs, costs: null, createdAt };
      const hashes = networks.map((network) => putRaw(db, network));
      insertVariant(db, row, hashes);
      measured(id, timing);
    }
    insertAudit(db, createdAt, 'model-compressed', model.id, { variants: kept.map(({ name }) => name) });
  }).immediate();
  return getModel(db, model.id);
}
