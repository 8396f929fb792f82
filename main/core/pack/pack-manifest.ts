import { z } from 'zod';
import { modelSchema } from './model-schema.ts';
import { PackFormatError } from './pack-format-error.ts';

/**
 * A pack is a zip of stored entries in this order: `manifest.json`, `signature.json` where it is signed, then the
 * networks, each once, as `networks/SHA256.onnx`, sorted. The manifest names every network by its hash, so that who
 * signs the bytes of the manifest signs the weights too.
 */
export const packFormat = 'thinslice-pack/1';
export const manifestName = 'manifest.json';
export const signatureName = 'signature.json';
/** The full variant always travels: the model's identity is the hash of its recipe and of these networks. */
export const fullName = 'full';

const count = z.int().min(0);
const fraction = z.number().min(0).max(1);
const text = (length: number) => z.string().max(length);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime({ precision: 3 });

const networkSchema = z.strictObject({
  fold: count.max(99),
  file: z.string().regex(/^networks\/[0-9a-f]{64}\.onnx$/),
  sha256,
  bytes: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .describe('Size of the file; protobuf ends at 2 GiB'),
});

const image = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const precision = z.enum(['fp32', 'fp16']);
const positive = z.number().gt(0);

const recipeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('full'), precision }),
  z.strictObject({
    kind: z.literal('tucker'),
    method: z.enum(['plain', 'aware']),
    ranks: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('factor'), factor: positive.max(1), rankMin: count }),
      z.strictObject({
        kind: z.literal('budget'),
        budget: z.discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('share'), share: positive.max(1) }),
          z.strictObject({ kind: z.literal('macs'), macs: positive }),
          z.strictObject({ kind: z.literal('time'), milliseconds: positive }),
          z.strictObject({ kind: z.literal('memory'), bytes: positive }),
        ]),
      }),
      z.strictObject({ kind: z.literal('noise'), rankMin: count }),
    ]),
    layersChosen: z.enum(['faster', 'cheaper', 'all']),
    precision,
    calibratedOn: z.array(image).max(1000).describe('Images that it was fitted to'),
    layersDecomposed: count,
    layers: count,
    largestError: z.number().min(0),
    tuned: z
      .strictObject({
        from: z.string().min(1).max(200),
        byLabels: z.literal(true).optional().describe('Learnt from labels that somebody drew'),
        labelMaps: z.array(image).max(1000).optional().describe('Files of those labels'),
        steps: count,
        minutes: z.number().min(0).optional().describe('Of learning itself, over all folds'),
        learningRate: positive,
        temperature: positive,
        foregroundWeight: positive,
        weightDecay: z.number().min(0),
        seed: z.int(),
      })
      .optional()
      .describe('Learnt since, from the full network if nothing else is said'),
  }),
]);

const evaluationSchema = z.strictObject({
  image: image.describe('Says that two evaluations are of the same image, and nothing about it'),
  reference: z
    .enum(['full', 'labelmap'])
    .describe('Compared with the labels of the full variant, or with those of a file'),
  calibrated: z.boolean().describe('The variant was made with this image, which flatters it'),
  toleranceMm: z.number().min(0).max(1000).describe('Of surfaceDice'),
  createdAt: time,
  labels: z
    .array(
      z.strictObject({
        value: count.max(255),
        referenceVoxels: count,
        comparedVoxels: count,
        missingIn: z.enum(['neither', 'reference', 'compared', 'both']),
        dice: fraction,
        sensitivity: fraction.nullable(),
        specificity: fraction.nullable(),
        hd95Mm: z.number().min(0).nullable(),
        surfaceDice: fraction,
      }),
    )
    .max(256),
});

const variantSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$/),
  model: sha256.describe('The model that it is a variant of'),
  recipe: recipeSchema,
  parameters: count,
  macs: count.describe('Multiply-accumulates over one patch'),
  createdAt: time,
  networks: z.array(networkSchema).min(1).max(100).describe('One a fold, in order'),
  evaluations: z.array(evaluationSchema).max(10_000),
});

export const packManifestSchema = z.strictObject({
  format: z.literal(packFormat),
  appVersion: text(100),
  createdAt: time,
  model: z.strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      .max(60),
    name: text(200),
    sha256: sha256.describe('Over the recipe, as JSON without spaces, and the networks of the full variant'),
    source: text(20_000),
    licence: text(2 ** 20),
    description: text(20_000),
    recipe: modelSchema,
  }),
  variants: z.array(variantSchema).min(1).max(256).describe('Sorted by name'),
});

export type PackManifest = z.infer<typeof packManifestSchema>;
export type PackVariant = PackManifest['variants'][number];
export type PackEvaluation = PackVariant['evaluations'][number];
export type PackNetwork = PackVariant['networks'][number];

/** JSON Schema of the manifest, for other programs; stored in resources/schemas. */
export function packManifestJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(packManifestSchema);
}

export function networkFile(hash: string): string {
  return `networks/${hash}.onnx`;
}

/** The one form in which a manifest is written; these bytes are what is signed. */
export function encodeManifest(manifest: PackManifest): Uint8Array {
  return encodeJson(manifest);
}

/** JSON as packs hold it: UTF-8, two spaces of indentation, a line feed at its end. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Parses a manifest and checks that its parts fit together. Only the form that `encodeManifest` writes is taken, so
 * that no two readers can understand the same signed bytes differently (a key given twice, for one).
 * Throws PackFormatError.
 */
export function readPackManifest(bytes: Uint8Array): PackManifest {
  const manifest = parseJson(bytes, manifestName, packManifestSchema);
  checkVariants(manifest);
  return manifest;
}

/** The parsed value itself, its keys in the order of the file, which the model's hash rests on. Throws PackFormatError. */
export function parseJson<T>(bytes: Uint8Array, file: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw new PackFormatError(`${file} is not JSON (${(error as Error).message})`);
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const where = issue?.path.map(String).join('.') || 'its top';
    throw new PackFormatError(`${file} is not valid at ${where}: ${issue?.message ?? ''}`);
  }
  const written = encodeJson(value);
  if (written.length !== bytes.length || written.some((byte, i) => byte !== bytes[i]))
    throw new PackFormatError(`${file} is not written as Thinslice writes it`);
  return value as T;
}

function checkVariants({ model, variants }: PackManifest): void {
  const names = variants.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new PackFormatError('two variants have the same name');
  if (!names.includes(fullName)) throw new PackFormatError(`there is no variant ${fullName}`);
  const values = new Set([0, ...model.recipe.labels.map(({ value }) => value)]);
  for (const { name, recipe, networks, evaluations, ...variant } of variants) {
    const refuse = (why: string): never => {
      throw new PackFormatError(`variant ${name} ${why}`);
    };
    if (variant.model !== model.sha256) refuse('is a variant of another model');
    if (name === fullName && recipe.kind !== 'full') refuse('is not what its name says');
    if (networks.some(({ fold }, i) => fold !== i)) refuse('does not number its folds 0, 1, 2 …');
    if (networks.some(({ file, sha256: hash }) => file !== networkFile(hash)))
      refuse('names a network other than by its hash');
    const compared = evaluations.map(({ image, reference }) => `${image} ${reference}`);
    if (new Set(compared).size < compared.length) refuse('has two evaluations of the same image');
    for (const { labels } of evaluations) {
      const known = new Set(labels.map(({ value }) => value).filter((value) => values.has(value)));
      if (known.size < labels.length) refuse('was evaluated on labels that the model does not have');
    }
  }
}

/** Every network of a pack, each once, sorted by hash. Throws PackFormatError where the same one has two sizes. */
export function networksOf(variants: readonly PackVariant[]): PackNetwork[] {
  const networks = new Map<string, PackNetwork>();
  for (const network of variants.flatMap((variant) => variant.networks)) {
    const known = networks.get(network.sha256);
    if (known && known.bytes !== network.bytes)
      throw new PackFormatError(`${network.file} is claimed to have two sizes`);
    networks.set(network.sha256, network);
  }
  return [...networks.values()].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
}
