import type {
  FidelityView,
  ModelFacts,
  ModelPreview,
  ModelView,
  VariantTiming,
  VariantView,
} from '../contract/ipc/model-channels.ts';
import { deviceNameOf } from '../core/devices/list-devices.ts';
import type { CodedTerm } from '../core/model/segmentation-model.ts';
import type { VariantFidelity } from '../core/report/variant-fidelity.ts';
import type { Database } from '../db/database.ts';
import { findBlobSize } from '../db/queries/blobs.ts';
import { listRunMeasurements } from '../db/queries/devices.ts';
import { listNetworks, type VariantRow } from '../db/queries/models.ts';
import type { Context } from './context.ts';
import { getModel, listModelSummaries, type ModelSummary, type PreparedImport } from './models.ts';
import { listFidelity } from './variant-fidelity.ts';

export function modelViews(context: Context): ModelView[] {
  return listModelSummaries(context.db).map((model) => viewOf(context, model));
}

/** Throws AppFailure `model-not-found`. */
export function modelView(context: Context, id: string): ModelView {
  return viewOf(context, getModel(context.db, id));
}

/** What a person has to see before a model is stored. */
export function previewOf(path: string, prepared: PreparedImport): ModelPreview {
  const { model, variants, sizeBytes, pack } = prepared;
  return {
    ...factsOf(model, sizeBytes),
    path,
    variants: variants.map(({ name, parameters, macs }) => ({ name, parameters, macs })),
    pack: pack && { signedBy: pack.signedBy, trusted: pack.trusted },
  };
}

function factsOf(
  { name, source, licence, description, recipe }: PreparedImport['model'],
  sizeBytes: number,
): ModelFacts {
  return {
    name,
    source,
    licence,
    description,
    channels: recipe.channels.map((channel) => ({ name: channel.name, modality: channel.modality })),
    labels: recipe.labels.map(({ value, name, color, type }) => ({ value, name, color, code: codeOf(type) })),
    spacingMm: recipe.spacingMm,
    patch: recipe.patch,
    sizeBytes,
  };
}

function codeOf({ scheme, value, meaning }: CodedTerm): string {
  return `${scheme} ${value} ${meaning}`;
}

function viewOf({ db, appVersion }: Context, model: ModelSummary): ModelView {
  const fidelity = new Map(listFidelity(db, model).map((each) => [each.variant, each]));
  const measurements = listRunMeasurements(db, appVersion);
  const timingsOf = (variantId: string): VariantTiming[] =>
    measurements
      .filter((each) => each.variantId === variantId)
      .map(({ deviceKey, tileShape, seconds }) => ({ device: deviceNameOf(deviceKey), tileShape, seconds }));
  const networks = new Map(model.variants.map(({ id }) => [id, listNetworks(db, id)]));
  // Variants may share a network that was not worth compressing.
  const all = new Set([...networks.values()].flat());
  return {
    ...factsOf(model, sizeOf(db, all)),
    id: model.id,
    sha256: model.sha256,
    importedAt: model.importedAt,
    packs: model.packs.map(({ signedBy, trusted }) => ({ signedBy, trusted })),
    variants: model.variants.map((variant) =>
      variantView(variant, {
        folds: networks.get(variant.id)!.length,
        sizeBytes: sizeOf(db, networks.get(variant.id)!),
        fidelity: fidelityView(fidelity.get(variant.name)),
        timings: timingsOf(variant.id),
      }),
    ),
  };
}

function variantView(
  { name, recipe, parameters, macs }: VariantRow,
  measured: Pick<VariantView, 'folds' | 'sizeBytes' | 'fidelity' | 'timings'>,
): VariantView {
  // Databases of the first schema say no precision: there was one.
  const precision = recipe.precision ?? 'fp32';
  if (recipe.kind === 'full')
    return { name, tucker: null, tuned: null, precision, parameters, macs, ...measured };
  const { method, ranks, layersDecomposed, layers, tuned } = recipe;
  return {
    name,
    tucker: { method, ranks, layersDecomposed, layers },
    tuned: tuned
      ? { from: tuned.from, steps: tuned.steps, ...(tuned.byLabels && { byLabels: tuned.byLabels }) }
      : null,
    precision,
    parameters,
    macs,
    ...measured,
  };
}

function fidelityView(fidelity: VariantFidelity | undefined): FidelityView | null {
  if (!fidelity || fidelity.images === 0) return null;
  const { dice, images, calibrated, labels, unseen } = fidelity;
  return {
    dice,
    images,
    calibrated,
    labels: labels.map((label) => ({ name: label.name, dice: label.dice })),
    unseen: unseen.length,
  };
}

function sizeOf(db: Database, hashes: Iterable<string>): number {
  return [...hashes].reduce((sum, sha256) => sum + (findBlobSize(db, sha256) ?? 0), 0);
}
