import { z } from 'zod';
import type { Vec3 } from '../../core/volume/volume.ts';
import type { Stage } from '../engine-protocol.ts';
import {
  compressionMethods,
  type CompressionMethod,
  type Precision,
  type RankChoice,
  type TunedBy,
} from '../variant-recipe.ts';
import { invoke, notify } from './channel.ts';

const modelId = z.string().min(1).max(200);
const variantName = z.string().min(1).max(200);
const path = z.string().min(1).max(4096);

/** Variants to be made: one for each downsampling factor, or for each budget (`40%`, `800ms`, `2GB`). */
export const ladderOrder = z
  .object({
    model: modelId,
    method: z.enum(compressionMethods),
    ranks: z.union([
      z.object({ factors: z.array(z.number().gt(0).lt(1)).min(1).max(32) }),
      z.object({ budgets: z.array(z.string().min(1).max(40)).min(1).max(32) }),
    ]),
    /** Study folders or NIfTI files that the method `aware` fits to. */
    calibrateOn: z.array(path).max(16),
  })
  .strict();
export type LadderOrder = z.infer<typeof ladderOrder>;

/** Models and their variants. What takes long is one piece of work at a time, with progress. */
export const modelChannels = {
  /** Brings the bundled one in where there is none at all. */
  'models.list': invoke<readonly ModelView[]>()(z.void()),
  'models.names': invoke<readonly { readonly id: string; readonly name: string }[]>()(z.void()),
  /** Reads and checks a model or pack, and keeps it until it is accepted or discarded. */
  'models.read': invoke<ModelPreview>()(z.object({ path, trust: z.array(path).max(8) }).strict()),
  /** Stores what was read last; its licence was shown. */
  'models.accept': invoke<ModelView>()(z.void()),
  'models.discard': invoke<void>()(z.void()),
  'models.remove': invoke<void>()(modelId),
  'models.compress': invoke<LadderReport>()(ladderOrder),
  /** Compares a variant with the full one on an image: a study folder or NIfTI file; null takes the sample study. */
  'models.evaluate': invoke<ModelView>()(
    z.object({ model: modelId, variant: variantName, on: path.nullable() }).strict(),
  ),
  /** Asks for a file first; null where that was dismissed. */
  'models.pack': invoke<{ readonly path: string; readonly sizeBytes: number } | null>()(
    z.object({ model: modelId, variants: z.array(variantName).max(200) }).strict(),
  ),
  'models.cancelWork': invoke<void>()(z.void()),
  'models.work': invoke<ModelWork | null>()(z.void()),
  'models.workChanged': notify<ModelWork | null>(),
} as const;

export interface ModelLabelView {
  readonly value: number;
  readonly name: string;
  readonly color: Vec3;
  /** `SCT 39607008 Lung`. */
  readonly code: string;
}

/** What a model says of itself. */
export interface ModelFacts {
  readonly name: string;
  readonly source: string;
  readonly licence: string;
  readonly description: string;
  readonly channels: readonly { readonly name: string; readonly modality: string }[];
  readonly labels: readonly ModelLabelView[];
  readonly spacingMm: Vec3;
  readonly patch: Vec3;
  /** Of all networks. */
  readonly sizeBytes: number;
}

export interface ModelPreview extends ModelFacts {
  readonly path: string;
  readonly variants: readonly { readonly name: string; readonly parameters: number; readonly macs: number }[];
  /** null where it is no pack. */
  readonly pack: PackSigner | null;
}

/** Who answers for a pack. */
export interface PackSigner {
  /** Fingerprint of the key; null where it is not signed. */
  readonly signedBy: string | null;
  /** Whether a trusted key was named and signed it. */
  readonly trusted: boolean;
}

export interface ModelView extends ModelFacts {
  readonly id: string;
  readonly sha256: string;
  /** ISO 8601, UTC. */
  readonly importedAt: string;
  readonly packs: readonly PackSigner[];
  readonly variants: readonly VariantView[];
}

export interface VariantView {
  readonly name: string;
  /** null of the full one. */
  readonly tucker: {
    readonly method: CompressionMethod;
    readonly ranks: RankChoice;
    readonly layersDecomposed: number;
    readonly layers: number;
  } | null;
  readonly precision: Precision;
  /** null where it did not learn since it was made. */
  readonly tuned: Pick<TunedBy, 'from' | 'steps' | 'byLabels'> | null;
  readonly folds: number;
  readonly parameters: number;
  /** Of one patch. */
  readonly macs: number;
  readonly sizeBytes: number;
  /** null where it was never compared, and of the full one. */
  readonly fidelity: FidelityView | null;
  readonly timings: readonly VariantTiming[];
}

export interface FidelityView {
  /** Mean against the full model; null where no label occurs. */
  readonly dice: number | null;
  readonly images: number;
  /** Compared only on images that it was made with. */
  readonly calibrated: boolean;
  /** Lowest Dice first. */
  readonly labels: readonly { readonly name: string; readonly dice: number }[];
  /** Labels that occur in none of the images. */
  readonly unseen: number;
}

/** One run of the network on one tile. */
export interface VariantTiming {
  readonly device: string;
  readonly tileShape: Vec3;
  readonly seconds: number;
}

export interface LadderReport {
  readonly model: ModelView;
  readonly dropped: readonly { readonly name: string; readonly reason: string }[];
}

export const modelWorkKinds = ['read', 'store', 'remove', 'compress', 'evaluate', 'tune', 'pack'] as const;
export type ModelWorkKind = (typeof modelWorkKinds)[number];

/** What is being done with models at the moment. */
export interface ModelWork {
  readonly kind: ModelWorkKind;
  /** A model's id, or the path that is read. */
  readonly subject: string;
  readonly stage: Stage | null;
  readonly done: number;
  /** 0 where nobody knows how much there is. */
  readonly total: number;
  readonly secondsLeft: number | null;
  /** Of several pieces, such as the segmentations of an evaluation; null for one. */
  readonly step: { readonly number: number; readonly total: number; readonly name: string } | null;
  readonly isCancelling: boolean;
}
