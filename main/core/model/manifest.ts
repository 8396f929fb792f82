import { z } from 'zod';
import type { Vec3 } from '../volume/volume.ts';
import { makeLabel } from './coded-terms.ts';
import { ModelFormatError } from './model-format-error.ts';
import type { SegmentationModel } from './segmentation-model.ts';

const number = z.number();
const text = z.string().max(20_000);
const size = z.int().min(1).max(2048);
const vec3 = <T extends z.ZodType>(item: T) => z.tuple([item, item, item]);

const normalization = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('ct'),
      lower: number,
      upper: number,
      mean: number,
      std: number.positive(),
    })
    .describe('Clip to [lower, upper], subtract the mean, divide by the standard deviation'),
  z
    .strictObject({ kind: z.literal('zscore'), useMask: z.boolean() })
    .describe('Subtract the mean and divide by the standard deviation, of the nonzero voxels if useMask'),
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('min-max') }).describe('(v - min) / (max - min) over the whole volume'),
  z.strictObject({ kind: z.literal('rgb-to-01') }).describe('v / 255'),
  z
    .strictObject({
      kind: z.literal('quantile'),
      low: number.min(0).max(1),
      high: number.min(0).max(1),
    })
    .describe(
      '(v - a) / (b - a), not clipped; of the N voxels in ascending order s, a = s[floor(low N)], b = s[ceil(high N) - 1]',
    ),
]);

/** Letters of a direction: the index of an axis grows towards the patient's Left or Right, and so on. */
const orientation = z
  .string()
  .regex(/^(as-read|[LRPASI]{3})$/)
  .refine(
    (code) =>
      code === 'as-read' ||
      ['LR', 'PA', 'SI'].every((pair) => new Set([...code].filter((c) => pair.includes(c))).size === 1),
    'must name each of left-right, posterior-anterior and superior-inferior once',
  );

/** The manifest beside a bare ONNX file: everything that inference must know and the file does not say. */
export const manifestSchema = z
  .strictObject({
    $schema: z.string().max(1000).optional(),
    format: z.literal('thinslice-model/1'),
    name: z.string().min(1).max(200),
    description: text.default(''),
    licence: text.describe('Licence text or name of the weights'),
    source: text.default('').describe('Where the network comes from, for the record'),
    network: z
      .string()
      .max(200)
      .regex(/^[^/\\]+\.onnx$/)
      .optional()
      .describe('File name of the network, beside this file; by default this file with the ending .onnx'),
    channels: z
      .array(
        z.strictObject({ name: z.string().min(1).max(200), modality: z.string().max(16), normalization }),
      )
      .min(1)
      .max(16)
      .describe('Input channels in order'),
    labels: z
      .array(z.string().min(1).max(200))
      .min(2)
      .max(256)
      .describe('Names of the output channels in order; the first is the background'),
    orientation: orientation.describe(
      'Directions in which the indices of the network axes grow, slowest axis first, such as SAR; or as-read',
    ),
    spacingMm: vec3(number.min(0.01).max(100)).describe('Voxel size along the network axes'),
    patch: vec3(size).describe('Voxels that the network sees at once'),
    tiling: z.discriminatedUnion('kind', [
      z
        .strictObject({ kind: z.literal('gaussian'), step: number.min(0.1).max(1) })
        .describe('Overlapping tiles, weighted by a Gaussian'),
      z
        .strictObject({ kind: z.literal('margin'), marginVoxels: vec3(z.int().min(0).max(1024)) })
        .describe('Each tile keeps what is at least this far from its inner borders'),
    ]),
    mirrorAxes: z
      .array(z.int().min(0).max(2))
      .max(3)
      .default([])
      .describe('Network axes over whose flips predictions are averaged'),
    cropToNonzero: z.boolean().default(false),
    resampling: z
      .strictObject({
        dataOrder: z.literal([0, 1, 3]),
        logitsOrder: z.literal([0, 1]),
      })
      .default({ dataOrder: 3, logitsOrder: 1 })
      .describe('Spline orders of the resampling to spacingMm and back'),
  })
  .refine(
    ({ tiling, patch }) =>
      tiling.kind !== 'margin' ||
      tiling.marginVoxels.every((margin, axis) => 2 * margin < (patch[axis] ?? 0)),
    { path: ['tiling', 'marginVoxels'], error: 'must leave something of the patch' },
  );

export type Manifest = z.infer<typeof manifestSchema>;

/** JSON Schema of the manifest, for editors; stored in resources/schemas. */
export function manifestJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(manifestSchema, { io: 'input' });
}

/** Parses a manifest. Throws ModelFormatError, naming the key that is wrong. */
export function readManifest(json: unknown): Manifest {
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ModelFormatError(
    `the manifest is not valid at ${issue?.path.map(String).join('.') || 'its top'}: ${issue?.message ?? ''}`,
  );
}

export function manifestModel(manifest: Manifest): SegmentationModel {
  const forward: Vec3 = [0, 1, 2];
  return {
    name: manifest.name,
    source: 'onnx',
    channels: manifest.channels,
    labels: manifest.labels.slice(1).map((name, index) => makeLabel(index + 1, name)),
    decision: { kind: 'argmax', values: manifest.labels.map((_, value) => value) },
    orientation: manifest.orientation,
    transposeForward: forward,
    spacingMm: manifest.spacingMm,
    patch: manifest.patch,
    tiling: manifest.tiling,
    mirrorAxes: manifest.mirrorAxes,
    cropToNonzero: manifest.cropToNonzero,
    resampling: {
      kind: 'nnunet',
      dataOrder: manifest.resampling.dataOrder,
      dataOrderZ: 0,
      logitsOrder: manifest.resampling.logitsOrder,
      logitsOrderZ: 0,
      forceSeparateZ: null,
    },
    licence: manifest.licence,
  };
}
